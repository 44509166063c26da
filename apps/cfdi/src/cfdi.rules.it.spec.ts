import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { until, type NodeProcess } from '@nexora/testing';
import { CfdiHouse, type Shown } from './cfdi-house.conformance.ts';

/** One line of the retry table, as its owner meets it. */
interface Row {
  readonly word: string;
  /** What the owner sees afterwards. */
  readonly estado: string;
  readonly outcome: 'refused' | 'unknown';
  readonly motivo?: RegExp;
  readonly error?: {
    readonly code: string;
    readonly field?: string;
    readonly message: RegExp;
    readonly remedy: RegExp;
  };
  /** Event that calls a person, once; none: nobody is called. */
  readonly alert?: 'issuer-paused' | 'comprobante-rejected';
  readonly software?: boolean;
  readonly job: 'pending' | 'dead';
  /** Seconds until the next try, by itself. */
  readonly wait?: readonly [least: number, most: number];
  /** Once mended: sealed anew (other bytes), or the same bytes. */
  readonly sealedAnew: boolean;
}

const SENT = [45, 61] as const;
const QUARTER = [800, 901] as const;
const HOUR = [3_500, 3_601] as const;

const transient = (word: string, code: string, wait: readonly [number, number] = SENT): Row => ({
  word,
  estado: 'enviando',
  outcome: 'unknown',
  error: {
    code: 'cfdi.transient',
    message: new RegExp(`^El PAC no confirmó el timbrado \\(${code}\\): .+`),
    remedy: /^No haga nada: se envían los mismos datos otra vez/,
  },
  job: 'pending',
  wait,
  sealedAnew: false,
});
const account = (code: string): Row => ({
  word: code === 'AU2001' ? 'no-stamps' : `code:${code}`,
  estado: 'en_espera',
  outcome: 'refused',
  motivo: new RegExp(`^Emisor en pausa: La cuenta del PAC no puede timbrar \\(${code}`),
  alert: 'issuer-paused',
  job: 'pending',
  wait: QUARTER,
  sealedAnew: false,
});
const certificate = (code: string, motivo = /CSD no es válido/, wait: readonly [number, number] = QUARTER): Row => ({
  ...account(code),
  word: `code:${code}`,
  motivo: new RegExp(`^Emisor en pausa: .*${motivo.source}.*${code}`),
  wait,
  sealedAnew: true,
});
const ours = (code: string): Row => ({
  word: `code:${code}`,
  estado: 'rechazado',
  outcome: 'refused',
  error: {
    code,
    message: new RegExp(`error del programa \\(${code}\\)`),
    remedy: /^Avise a soporte; no se perdió nada/,
  },
  alert: 'comprobante-rejected',
  software: true,
  job: 'dead',
  sealedAnew: true,
});
const data = (code: string, field: string | null, remedy: RegExp): Row => ({
  word: `code:${code}`,
  estado: 'rechazado',
  outcome: 'refused',
  error: {
    code,
    ...(field === null ? {} : { field }),
    message: new RegExp(`^El SAT rechazó el comprobante \\(${code}\\): `),
    remedy,
  },
  alert: 'comprobante-rejected',
  software: false,
  job: 'dead',
  sealedAnew: true,
});

const TABLE: readonly Row[] = [
  transient('drop-before', 'UND_ERR_SOCKET'),
  transient('drop-after', 'UND_ERR_SOCKET'),
  transient('delay:3000', 'timeout'),
  transient('500', 'http-500'),
  transient('429', 'http-429', [0, 3]),
  transient('html', 'http-200'),
  transient('cut', '.+'),
  transient('code:708', '708'),
  transient('code:CO1000', 'CO1000'),
  // Nobody listed it and its form says nothing: as an outage, with the PAC's own words.
  transient('code:XX99', '.+'),
  ...['AU2000', 'AU2001', 'AU2002', 'AU2003', 'AU2004', 'AU2999'].map(account),
  ...['303', '304', '305', '306', '308', '402'].map((code) => certificate(code)),
  ...['301', '302', 'CFDI40102', '705', '707'].map(ours),
  data('CFDI40147', 'receptor.domicilioFiscal', /constancia de situación fiscal/),
  data('CFDI40145', 'receptor.nombre', /sin SA DE CV/),
  data('CFDI40299', null, /Corrija el dato que señala el SAT/),
  data('CRP20253', null, /Corrija el dato que señala el SAT/),
  // Nobody listed these; their form says whose fault it is.
  data('CFDI40999', null, /Corrija el dato que señala el SAT/),
  data('CRP30101', null, /Corrija el dato que señala el SAT/),
  {
    ...data('401', 'zonaHoraria', /zona horaria del lugar de expedición/),
    error: {
      code: '401',
      field: 'zonaHoraria',
      message: /^El PAC rechazó la fecha del comprobante \(401\)/,
      remedy: /zona horaria/,
    },
  },
];

let house: CfdiHouse;
let agent: NodeProcess;

beforeAll(async () => {
  house = await CfdiHouse.open();
  await house.sql(`UPDATE cfdi.csd SET added_at = '2026-01-01'`);
  agent = await house.start({ PAC_TIMEOUT_SECONDS: '2' });
}, 120_000);
beforeEach(() => house.sandbox.client.pac('none'));
afterEach(async () => {
  await moveHouse(null);
  await house.sql('SELECT agents.resume_issuer(rfc) FROM cfdi.issuer');
});
afterAll(() => house.close());

/** The job that carries a comprobante, and the seconds until it is due. */
async function jobOf({ job_id: id }: Shown): Promise<{ state: string; wait: number }> {
  const text = `SELECT state, date_part('epoch', run_at - agents.now()) AS wait FROM agents.job_listing WHERE id = $1`;
  const [job] = await house.sql<{ state: string; wait: number }>(text, [id]);
  return job!;
}

/** Lines of an event that the agent has written, as far as they speak of this. */
function told(event: string, about: string): string[] {
  return agent.output.split('\n').filter((line) => line.includes(`"event":"${event}"`) && line.includes(about));
}

/** Hands one over, waits until its first try has ended, and answers what the owner sees. */
async function tried(outcome: string): Promise<Shown> {
  const id = await house.submit();
  await until(async () => (await house.outcomes(id))[0] === outcome, { within: 20_000, what: `${id}: ${outcome}` });
  return house.status(id);
}

async function mended(id: string, seals: 1 | 2): Promise<void> {
  await house.sandbox.client.pac('none');
  await house.retry(id);
  const { uuid } = await house.becomes(id, 'listo');
  expect(await house.stamps(id)).toEqual([uuid]);
  // A seal of the same second has the same bytes; the archive tells that it is another one.
  expect(await house.sql('SELECT FROM cfdi.sello_archivado WHERE comprobante = $1', [id])).toHaveLength(seals - 1);
  if (seals === 1) expect(new Set((await house.requests(id)).map(({ sha256 }) => sha256)).size).toBe(1);
}

describe('each row of the retry table', () => {
  it.each(TABLE.map((row) => [row.word, row.estado, row] as const))('%s: %s', async (_word, _estado, row) => {
    await house.sandbox.client.pac(row.word, 1);
    const shown = await tried(row.outcome);
    const { id } = shown;
    expect(shown).toMatchObject({ estado: row.estado, uuid: null, attempts: 1 });
    expect(await house.requests(id)).toHaveLength(1);
    if (row.motivo !== undefined) expect(shown.motivo_espera).toMatch(row.motivo);
    if (row.error !== undefined) {
      const { code, field = null, message, remedy } = row.error;
      expect(shown.error).toMatchObject({ code, field });
      expect(shown.error?.message).toMatch(message);
      expect(shown.error?.remedy).toMatch(remedy);
    }
    const job = await jobOf(shown);
    expect(job.state).toBe(row.job);
    if (row.wait !== undefined) {
      expect(job.wait).toBeGreaterThanOrEqual(row.wait[0] - 1);
      expect(job.wait).toBeLessThanOrEqual(row.wait[1]);
    }
    await agent.line(new RegExp(`"event":"comprobante-not-stamped".*${id}`));
    if (row.alert === 'comprobante-rejected') {
      await agent.line(new RegExp(`"event":"comprobante-rejected".*${id}`));
      expect(told('comprobante-rejected', id)).toEqual([expect.stringContaining(`"software":${row.software}`)]);
    }
    if (row.alert === 'issuer-paused') await agent.line(/"event":"issuer-paused"/);
    await mended(id, row.sealedAnew ? 2 : 1);
  });

  it.each(['304', '402'])(
    '%s within 72 hours of a new CSD: asked hourly, for the lists of the SAT lag',
    async (code) => {
      await house.sql('UPDATE cfdi.csd SET added_at = agents.now()');
      await house.sandbox.client.pac(`code:${code}`, 1);
      const shown = await tried('refused');
      expect(shown.motivo_espera).toMatch(/El SAT aún no publica el CSD nuevo/);
      const { wait } = await jobOf(shown);
      expect(wait).toBeGreaterThan(HOUR[0]);
      expect(wait).toBeLessThanOrEqual(HOUR[1]);
      await house.sql(`UPDATE cfdi.csd SET added_at = '2026-01-01'`);
      await mended(shown.id, 2);
    },
  );

  it('307, empty at first and then full: asked again at once, and taken', async () => {
    await house.sandbox.client.pac('empty-307', 2);
    const id = await house.submit();
    const { uuid } = await house.becomes(id, 'listo');
    expect(await house.stamps(id)).toEqual([uuid]);
    expect(await house.requests(id)).toHaveLength(3);
    expect(await house.outcomes(id)).toEqual(['stamped']);
    expect(told('comprobante-stamped', id)).toEqual([expect.stringContaining('"previous":true')]);
  });

  it('offline: no attempt, no request, and at once when the line returns', async () => {
    await house.sandbox.client.internet('cut');
    const id = await house.submit();
    await until(async () => (await house.outcomes(id)).includes('unsent'), { within: 20_000, what: 'a try' });
    const shown = await house.status(id);
    expect(shown).toMatchObject({ estado: 'en_espera', motivo_espera: 'No hay conexión con el PAC.', attempts: 0 });
    expect(await house.requests(id)).toEqual([]);
    const [job] = await house.sql('SELECT attempts FROM agents.job_listing WHERE id = $1', [shown.job_id]);
    expect(job).toEqual({ attempts: 0 });
    await house.sql(`SELECT agents.report_connectivity('offline')`);
    expect((await house.status(id)).motivo_espera).toBe('Sin Internet');
    await house.sandbox.client.internet('restore');
    await house.sql(`SELECT agents.report_connectivity('online')`);
    await house.becomes(id, 'listo', 4_000);
  });

  it('a wait of hours after a failure ends at once when the line returns', async () => {
    await house.sandbox.client.pac('500', 1);
    const { id, job_id } = await tried('unknown');
    await house.sql(`UPDATE agents.job SET run_at = agents.now() + '6 h', wait = '6 h' WHERE id = $1`, [job_id]);
    await house.sql(`SELECT agents.report_connectivity('offline')`);
    await house.sql(`SELECT agents.report_connectivity('online')`);
    await house.becomes(id, 'listo', 4_000);
  });
});

describe('an account that refuses', () => {
  it('stops the issuer, tells one person once, asks with one comprobante every 15 minutes, and lets none die', async () => {
    await house.sandbox.client.pac('code:AU2998');
    const ids = await Promise.all([1, 2, 3, 4, 5].map(() => house.submit()));
    await house.becomes(ids[0]!, 'en_espera');
    await agent.line(/"event":"issuer-paused".*AU2998/);
    await rests();
    for (const minutes of [16, 32]) {
      const before = await requests(ids);
      await moveHouse(minutes);
      await until(async () => (await requests(ids)) > before, {
        within: 20_000,
        what: `the probe after ${minutes} min`,
      });
      await rests();
      expect((await requests(ids)) - before).toBe(1);
    }
    for (const id of ids) expect((await house.status(id)).estado).toBe('en_espera');
    expect(told('issuer-paused', 'AU2998')).toHaveLength(1);
    await house.sandbox.client.pac('none');
    await moveHouse(48);
    for (const id of ids) await house.becomes(id, 'listo');
    expect(await house.sql('SELECT paused_at, paused_code FROM cfdi.issuer')).toEqual([
      { paused_at: null, paused_code: null },
    ]);
    const dead = `SELECT FROM agents.job_listing WHERE state = 'dead' AND payload->>'comprobanteId' = ANY ($1)`;
    expect(await house.sql(dead, [ids])).toEqual([]);
  }, 60_000);

  /** Waits until the issuer is held and none of its comprobantes is on its way. */
  const rests = async (): Promise<void> => {
    const text = `SELECT FROM agents.holds h WHERE h.until > agents.now()
      AND NOT EXISTS (SELECT FROM agents.job_listing j WHERE j.kind = 'cfdi.stamp' AND j.state = 'running')`;
    await until(async () => (await house.sql(text)).length === 1, { within: 20_000, what: 'the hold, and rest' });
  };
  const requests = async (ids: readonly string[]): Promise<number> =>
    (await house.sandbox.client.log()).filter(({ customid }) => ids.includes(customid ?? '')).length;
});

describe('the clocks', () => {
  it('over two minutes apart: a person is warned, and it is stamped', async () => {
    await house.sandbox.client.pac('clock:180', 1);
    const id = await house.submit();
    await house.becomes(id, 'listo');
    await agent.line(/"event":"pac-clock-off".*"stops":false/);
  });

  it('over five minutes apart: nothing is sealed until ours is set, and the owner reads why', async () => {
    await house.sandbox.client.pac('clock:-600', 1);
    const first = await tried('refused');
    expect(first).toMatchObject({
      estado: 'en_espera',
      motivo_espera: 'El reloj del equipo no coincide con el del PAC',
    });
    await agent.line(/"event":"pac-clock-off".*"stops":true/);
    const second = await house.submit();
    const shown = await house.becomes(second, 'en_espera');
    expect(shown).toMatchObject({ motivo_espera: 'El reloj del equipo no coincide con el del PAC', attempts: 0 });
    expect(await house.requests(second)).toEqual([]);
    expect(await house.sql('SELECT sha256 FROM cfdi.comprobante WHERE id = $1', [second])).toEqual([{ sha256: null }]);
    await moveHouse(1);
    for (const id of [first.id, second]) await goesOn(id);
    await agent.line(/"event":"pac-clock-right"/);
  });
});

/** Asks for it until the agent, too, has heard of the new time. */
async function goesOn(id: string): Promise<void> {
  const isReady = async (): Promise<boolean> => {
    const { estado } = await house.status(id);
    if (estado === 'en_espera') await house.retry(id);
    return estado === 'listo';
  };
  await until(isReady, { within: 20_000, what: `${id} to go on` });
}

describe('the same at Finkok', () => {
  beforeAll(async () => {
    await agent.stop();
    agent = await house.start({ PAC_URL: `${house.sandbox.pacUrl}/finkok`, PAC_TIMEOUT_SECONDS: '2' });
  }, 60_000);

  it.each([account('300'), account('701'), account('702'), ours('705'), transient('code:708', '708')])(
    '$word: $estado',
    async (row) => {
      const before = (await house.sandbox.client.log()).length;
      await house.sandbox.client.pac(row.word, 1);
      const shown = await tried(row.outcome);
      expect(shown).toMatchObject({ estado: row.estado, uuid: null, attempts: 1 });
      expect((await house.sandbox.client.log()).length - before).toBe(1);
      if (row.motivo !== undefined) expect(shown.motivo_espera).toMatch(row.motivo);
      if (row.error !== undefined) expect(shown.error?.message).toMatch(row.error.message);
      await house.sandbox.client.pac('none');
      await house.retry(shown.id);
      const { uuid } = await house.becomes(shown.id, 'listo');
      const made = (await house.sandbox.client.log()).slice(before).flatMap((one) => one.uuid?.toLowerCase() ?? []);
      expect(made).toEqual([uuid]);
    },
  );
});

/** Moves the clock of the whole house, the PAC's too; null: the machine's own time. */
async function moveHouse(minutes: number | null): Promise<void> {
  await house.sandbox.client.clock((minutes ?? 0) * 60);
  await house.sql('SELECT agents.set_clock($1)', [minutes === null ? null : `${minutes} min`]);
}
