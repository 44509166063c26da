import { Controller } from '@nestjs/common';
import type { Tx } from '@nexora/database';
import { Ledger } from '@nexora/outbox';
import { retryComprobante } from '../comprobantes/comprobantes.queries.ts';
import { Acts } from '../http/acts.ts';
import type { Call } from '../http/call.ts';
import { Problem } from '../http/problem.ts';
import type { RawAnswer } from '../http/raw-answer.ts';
import { Handles } from '../http/route.ts';
import type { InputOf } from '../http/route-spec.ts';
import { unknownJob } from './jobs.controller.ts';
import { retryOne, type RetryKind } from './jobs.routes.ts';

/** The button "try again", for whatever the owner looks at. */
@Controller()
export class RetryController {
  constructor(private readonly acts: Acts) {}

  @Handles(retryOne)
  async retry({ params: { kind, id } }: InputOf<typeof retryOne>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      const jobId = await RETRIES[kind](tx, id);
      return { status: 202, body: { jobId }, audit: { action: `${kind}.retry`, target: id, detail: { jobId } } };
    });
  }
}

/** Retries by kind; each answers the id of the job that does it. */
const RETRIES: Readonly<Record<RetryKind, (tx: Tx, id: string) => Promise<string>>> = {
  cfdi: retryComprobante,
  // No agent of these has come into the house yet, so no row of theirs exists.
  media: nothingThere,
  notif: nothingThere,
  job: retryJob,
};

async function nothingThere(): Promise<never> {
  throw new Problem('http.not-found', 'There is nothing with this id. Check the id.');
}

async function retryJob(tx: Tx, id: string): Promise<string> {
  const outcome = await new Ledger(tx).retryJob(id);
  if (outcome === 'pending') return id;
  if (outcome === 'unknown') throw unknownJob();
  if (outcome === 'running') throw new Problem('agents.job-running', 'The job is running. Wait until it has ended.');
  throw new Problem('agents.job-finished', 'The job has ended; there is nothing to retry.');
}
