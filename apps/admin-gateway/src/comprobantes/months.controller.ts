import { Controller } from '@nestjs/common';
import { cfdiKinds } from '@nexora/contracts';
import { Acts } from '../http/acts.ts';
import type { Call } from '../http/call.ts';
import { handOver } from '../http/hand-over.ts';
import { Problem } from '../http/problem.ts';
import { RawAnswer } from '../http/raw-answer.ts';
import { Handles } from '../http/route.ts';
import type { InputOf } from '../http/route-spec.ts';
import { issuers } from '../issuers/issuers.queries.ts';
import { Artefacts } from './artefacts.ts';
import { packMonth, readMonth } from './months.routes.ts';

/** The zip of each month: what an accountant asks for. */
@Controller()
export class MonthsController {
  constructor(
    private readonly acts: Acts,
    private readonly artefacts: Artefacts,
  ) {}

  @Handles(readMonth)
  async read({ params: { month }, query: { emisor } }: InputOf<typeof readMonth>): Promise<RawAnswer> {
    const found = await this.artefacts.streamOf(`cfdi/${emisor}/${month.slice(0, 4)}/${month}.zip`);
    if (found === null) {
      throw new Problem('cfdi.not-ready', 'Ese mes aún no está empaquetado. Pídalo con POST en la misma dirección.');
    }
    return new RawAnswer(200, found.body, {
      'content-type': 'application/zip',
      'content-length': String(found.size),
      'content-disposition': `attachment; filename="cfdi-${month}.zip"`,
    });
  }

  @Handles(packMonth)
  async pack({ params: { month }, body: { emisor } }: InputOf<typeof packMonth>, call: Call): Promise<RawAnswer> {
    return this.acts.act(call, async (tx) => {
      const [issuer] = await issuers(tx, emisor);
      if (issuer === undefined) throw new Problem('http.not-found', 'No existe ese emisor. Revise el RFC.');
      const jobId = await handOver(tx, cfdiKinds.packMonth, { emisor, month }, { scope: emisor });
      return {
        status: 202,
        body: { jobId },
        audit: { action: 'month.pack', target: emisor, detail: { month, jobId } },
      };
    });
  }
}
