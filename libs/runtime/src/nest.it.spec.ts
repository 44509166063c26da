import { Module, Logger, type OnModuleInit, type BeforeApplicationShutdown } from '@nestjs/common';
import { describe, expect, it } from '@jest/globals';
import { startNest } from './nest.ts';
import { collected } from './telemetry/log.ts';
import { Telemetry } from './telemetry/telemetry.ts';

function opened() {
  const lines: Record<string, unknown>[] = [];
  return { lines, telemetry: Telemetry.open({ agent: 'cfdi', level: 'debug', sink: collected(lines) }) };
}

class Drain implements OnModuleInit, BeforeApplicationShutdown {
  readonly seen: string[] = [];
  onModuleInit(): void {
    this.seen.push('begun');
    new Logger('Drain').warn('slow PAC of ana@example.mx');
  }
  beforeApplicationShutdown(): void {
    this.seen.push('drained');
  }
}

describe('a Nest application', () => {
  it('is started and stopped by run, hooks in order, its lines as events of ours', async () => {
    class App {}
    Module({ providers: [Drain] })(App);
    const { lines, telemetry } = opened();
    const running = await startNest(App, telemetry);
    const drain = running.app.get(Drain);
    await running.stop('test');
    expect(drain.seen).toEqual(['begun', 'drained']);
    expect(lines.find((line) => line['event'] === 'framework-warned')).toMatchObject({
      context: 'Drain',
      message: 'slow PAC of [redacted]',
    });
    expect(lines.filter((line) => line['event'] === 'framework-log').length).toBeGreaterThan(0);
  });

  it('hands the error of its start to the caller instead of ending the process', async () => {
    class Broken {}
    Module({ providers: [{ provide: 'x', useFactory: () => Promise.reject(new Error('no ledger')) }] })(Broken);
    await expect(startNest(Broken, opened().telemetry)).rejects.toThrow('no ledger');
  });
});
