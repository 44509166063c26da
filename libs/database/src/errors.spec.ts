import { describe, expect, it } from '@jest/globals';
import { awayReason, DatabaseAway, isPassing, sqlState } from './index.ts';

const withCode = (code: string, message = 'x') => Object.assign(new Error(message), { code });

describe('an error of the driver', () => {
  it.each([
    [withCode('57P01'), '57P01'],
    [withCode('57P03'), '57P03'],
    [withCode('08006'), '08006'],
    [withCode('53300'), '53300'],
    [withCode('ECONNREFUSED'), 'ECONNREFUSED'],
    [withCode('EAI_AGAIN'), 'EAI_AGAIN'],
    [new Error('Connection terminated unexpectedly'), 'connection lost'],
    [new Error('timeout exceeded when trying to connect'), 'connection lost'],
    [new Error('Query read timeout'), 'connection lost'],
    [Object.assign(new Error('QueryFailedError'), { driverError: withCode('57P01') }), '57P01'],
  ])('%s tells that Postgres is away', (error, reason) => {
    expect(awayReason(error)).toBe(reason);
  });

  it.each([
    [withCode('23505')],
    [withCode('57014')], // a statement that somebody cancelled
    [withCode('NX020')],
    [withCode('42P01', 'Connection terminated is the name of a table')],
    [new Error('no sale')],
    ['Connection terminated'],
    [null],
  ])('%s is about something else', (error) => {
    expect(awayReason(error)).toBeUndefined();
  });

  it('shows its SQLSTATE also from inside what TypeORM throws', () => {
    expect(sqlState(withCode('NX001'))).toBe('NX001');
    expect(sqlState(Object.assign(new Error('x'), { driverError: withCode('23505') }))).toBe('23505');
    expect(sqlState(withCode('ECONNREFUSED'))).toBeUndefined();
    expect(sqlState('23505')).toBeUndefined();
  });
});

describe('a refusal of the moment', () => {
  it.each(['53100', '53200', '53300', '25006', '40001', '40P01', '57P01', '57P04', 'ECONNRESET'])('is %s', (code) => {
    expect(isPassing(withCode(code))).toBe(true);
  });

  it('is Postgres being away', () => {
    expect(isPassing(new DatabaseAway('connection lost'))).toBe(true);
  });

  it.each(['23505', '22P05', '57014', 'NX020', '42501'])('is not %s', (code) => {
    expect(isPassing(withCode(code))).toBe(false);
  });
});

describe('DatabaseAway', () => {
  it('says how to mend it and keeps its cause', () => {
    const cause = withCode('ECONNREFUSED');
    const away = new DatabaseAway('ECONNREFUSED', { cause });
    expect(away.message).toContain('DATABASE_URL');
    expect(away).toMatchObject({ reason: 'ECONNREFUSED', commitUnknown: false, cause });
  });
});
