import { describe, expect, it } from '@jest/globals';
import { sentenceOf } from './reason.ts';

const logged = (fields: object) => JSON.stringify({ level: 'error', agent: 'cfdi', ...fields });

describe('the reason of an end', () => {
  it('is the error of the last log line', () => {
    const output = `${logged({ event: 'process-started' })}\n${logged({ event: 'process-crashed', error: { message: 'no key' } })}\n`;
    expect(sentenceOf(output)).toBe('process-crashed: no key');
  });

  it('is what the process said to people after its last log line', () => {
    const output = `${logged({ event: 'settings-refused' })}\ncfdi: 1 setting is wrong:\n- REDIS_URL is not set.\n`;
    expect(sentenceOf(output)).toBe('cfdi: 1 setting is wrong: - REDIS_URL is not set.');
  });

  it('is the sentence for people also when the log line of the refusal arrives after it', () => {
    const sentence =
      'cfdi: A setting is wrong:\n- CFDI_CONCURRENCY must be at most 32. For example: CFDI_CONCURRENCY=4\n';
    const words = sentence.trim().replace('\n', ' ');
    const refused = logged({ event: 'settings-refused', faults: ['CFDI_CONCURRENCY must be at most 32'] });
    expect(sentenceOf(`${sentence}${refused}\n`)).toBe(words);
    expect(sentenceOf(`${logged({ event: 'probe-up' })}\n${sentence}${refused}\n`)).toBe(words);
    expect(sentenceOf(refused)).toBe('settings-refused: CFDI_CONCURRENCY must be at most 32');
  });

  it('is the refusal, whatever else was logged while the process ended', () => {
    const refused = logged({ event: 'start-refused', error: { message: 'Port 1 is taken' } });
    const meanwhile = logged({ level: 'info', event: 'probe-up' });
    expect(sentenceOf(`${refused}\n${meanwhile}\n`)).toBe('start-refused: Port 1 is taken');
    expect(sentenceOf(`${refused}\ngateway: Port 1 is taken.\n${meanwhile}\n`)).toBe('gateway: Port 1 is taken.');
  });

  it('is not what a process logged in good order before it was killed', () => {
    expect(sentenceOf(logged({ level: 'info', event: 'probe-up' }))).toBe('');
  });

  it('is the end of what it printed when it logs nothing, and empty when it is silent', () => {
    expect(sentenceOf('Error: x\n    at y\n')).toBe('Error: x at y');
    expect(sentenceOf('')).toBe('');
  });
});
