import { Inject, Injectable } from '@nestjs/common';
import { AGENT_SETTINGS, defineAgent, Later, setting, type Handler, type Job } from '@nexora/agent';
import { HostResting, HostUnreachable, OutsideHosts } from '@nexora/connectivity';
import { defineKind } from '@nexora/contracts';
import { address, defineSettings, wholeNumber, type SettingsOf } from '@nexora/runtime';
import { z } from 'zod';

const effect = { payload: z.object({ tag: z.string().default('') }), result: z.object({ asked: z.boolean() }) };

/**
 * Kinds of an agent that exists in tests and benchmarks only: one per class of work that needs the Internet. Each
 * job's effect happens outside, at a `CountingOutside`, which can tell doubles.
 */
export const drainKinds = {
  renew: defineKind({ name: 'drain.renew', ...effect, needsInternet: 'licence' }),
  stamp: defineKind({ name: 'drain.stamp', ...effect, needsInternet: 'stamping' }),
  notify: defineKind({ name: 'drain.notify', ...effect, needsInternet: 'notification' }),
  copy: defineKind({ name: 'drain.copy', ...effect, needsInternet: 'copy' }),
};

type Effect = (typeof drainKinds)[keyof typeof drainKinds];

const drainSettings = defineSettings({
  DRAIN_OUTSIDE_URL: {
    schema: address(['http']),
    doc: 'Where the effects happen: a CountingOutside, or a line to it.',
    example: 'http://127.0.0.1:9000',
  },
  DRAIN_SLOTS: { schema: wholeNumber(1, 100), default: 4, doc: 'Jobs of one kind at once.', example: '4' },
  DRAIN_TIMEOUT_MS: {
    schema: wholeNumber(10, 60_000),
    default: 5_000,
    unit: 'milliseconds',
    doc: 'An effect that was not answered by then is asked after later.',
    example: '5000',
  },
});

/** Asks the outside for effects, and whether they happened. */
@Injectable()
class EffectHandler implements Handler<Effect> {
  readonly #host: string;

  constructor(
    private readonly hosts: OutsideHosts,
    @Inject(AGENT_SETTINGS) private readonly settings: SettingsOf<typeof drainSettings>,
  ) {
    this.#host = new URL(settings.DRAIN_OUTSIDE_URL).host;
  }

  readonly handle = async (job: Job<Effect>): Promise<{ asked: boolean }> => {
    const asked = job.openIntent !== null;
    if (asked && (await this.#call(job, 'GET')) > 0) return { asked };
    if (!asked) await job.intend({ text: 'SELECT agents.now()' });
    await this.#call(job, 'POST');
    return { asked };
  };

  /**
   * Answers how often the effect happened so far.
   * @throws Later when the line broke after a byte had left: whether it happened is asked when the line is back.
   */
  async #call(job: Job<Effect>, method: 'GET' | 'POST'): Promise<number> {
    const url = `${this.settings.DRAIN_OUTSIDE_URL.replace(/\/$/, '')}/effects/${job.kind}/${job.id}`;
    const signal = AbortSignal.any([job.signal, AbortSignal.timeout(this.settings.DRAIN_TIMEOUT_MS)]);
    try {
      return await this.hosts.attempt(this.#host, () => timesIn(fetch(url, { method, signal })));
    } catch (error) {
      if (error instanceof HostUnreachable || error instanceof HostResting || job.signal.aborted) throw error;
      throw new Later('internet', 'interrupted', this.#host);
    }
  }
}

/** @throws when another than the outside answers, for instance a captive portal. */
async function timesIn(answer: Promise<Response>): Promise<number> {
  return z.object({ times: z.number() }).parse(await (await answer).json()).times;
}

export const drainAgent = defineAgent({
  name: 'drain',
  settings: drainSettings,
  kinds: drainKinds,
  handlers: {
    renew: { use: EffectHandler, concurrency: setting('DRAIN_SLOTS'), timeout: '1m' },
    stamp: { use: EffectHandler, concurrency: setting('DRAIN_SLOTS'), timeout: '1m' },
    notify: { use: EffectHandler, concurrency: setting('DRAIN_SLOTS'), timeout: '1m' },
    copy: { use: EffectHandler, concurrency: setting('DRAIN_SLOTS'), timeout: '1m' },
  },
});
