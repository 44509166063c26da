import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { collected } from './log.ts';
import { Telemetry } from './telemetry.ts';
import { openTracing } from './traces.ts';

const TRACE_ID = '4bf92f3577b34da6a3ce929d0e0e4736';

interface Sent {
  resourceSpans: {
    resource: { attributes: { key: string; value: { stringValue?: string } }[] };
    scopeSpans: {
      spans: {
        name: string;
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        status: { code?: number; message?: string };
        attributes: unknown[];
      }[];
    }[];
  }[];
}

const closings: (() => void)[] = [];
afterEach(() => closings.splice(0).forEach((close) => close()));

/** A collector that keeps what it is sent. */
async function collector() {
  const bodies: Sent[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      bodies.push(JSON.parse(Buffer.concat(chunks).toString()) as Sent);
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closings.push(() => server.close());
  const spans = () =>
    bodies.flatMap((body) =>
      body.resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)),
    );
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, bodies, spans };
}

const service = { name: 'cfdi', version: '1.2.3', instance: 'cfdi-1' };

describe('spans', () => {
  it('continue the trace of the row, nest, and name the service', async () => {
    const { endpoint, bodies, spans } = await collector();
    const lines: Record<string, unknown>[] = [];
    const telemetry = Telemetry.open({
      agent: 'cfdi',
      sink: collected(lines),
      tracing: await openTracing(endpoint, service),
    });
    const traceparent = `00-${TRACE_ID}-00f067aa0ba902b7-01`;
    const handedOn = await telemetry.span(
      'process cfdi.stamp',
      { traceparent, attributes: { 'messaging.operation.type': 'process' } },
      () =>
        telemetry.span('pac stamp', {}, async () => {
          await Promise.resolve();
          telemetry.emit('listener-back', { awayMs: 1 });
          return telemetry.currentTraceparent();
        }),
    );
    await telemetry.close();
    const [inner, outer] = spans();
    expect(outer).toMatchObject({ name: 'process cfdi.stamp', traceId: TRACE_ID, parentSpanId: '00f067aa0ba902b7' });
    expect(inner).toMatchObject({ name: 'pac stamp', traceId: TRACE_ID, parentSpanId: outer?.spanId });
    expect(handedOn).toBe(`00-${TRACE_ID}-${inner?.spanId}-01`);
    expect(lines[0]).toMatchObject({ trace_id: TRACE_ID });
    expect(JSON.stringify(bodies[0]?.resourceSpans[0]?.resource)).toContain('cfdi-1');
  });

  it('begin a trace of their own where none came in, and tell a failure without the datum in it', async () => {
    const { endpoint, spans } = await collector();
    const tracing = await openTracing(endpoint, service);
    const failing = tracing.span('process cfdi.stamp', {}, () => Promise.reject(new Error('no CSD of EKU9003173C9')));
    await expect(failing).rejects.toThrow('EKU9003173C9');
    await tracing.close();
    expect(spans()[0]).toMatchObject({ status: { code: 2, message: 'no CSD of [redacted]' } });
    expect(spans()[0]?.traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('are lost without harm when the collector is away, and the stop does not wait for it', async () => {
    const tracing = await openTracing('http://127.0.0.1:9', service);
    expect(await tracing.span('x', {}, () => Promise.resolve(7))).toBe(7);
    const begin = performance.now();
    await tracing.close();
    expect(performance.now() - begin).toBeLessThan(3_000);
  });
});
