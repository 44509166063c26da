import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { abreSobre, buzonDe, cierraSobre, direccionDe, SobreCerrado } from './csd-sobre.ts';

const secret = Buffer.from('llave privada');
const buzon = buzonDe(Buffer.alloc(32, 7));
const direccion = direccionDe(buzon);

describe('an envelope for a private key', () => {
  it('is opened by the owner of the key of the keys, over restarts', () => {
    const sobre = cierraSobre(direccion, secret, 'csd EKU9003173C9 1');
    expect(sobre.includes(secret)).toBe(false);
    expect(abreSobre(buzonDe(Buffer.alloc(32, 7)), sobre, 'csd EKU9003173C9 1')).toEqual(secret);
  });

  it('is another each time', () => {
    expect(cierraSobre(direccion, secret, 'a')).not.toEqual(cierraSobre(direccion, secret, 'a'));
  });

  it('stays closed for another key, another label, and once a byte was changed or cut', () => {
    const sobre = cierraSobre(direccion, secret, 'a');
    expect(() => abreSobre(buzonDe(randomBytes(32)), sobre, 'a')).toThrow(SobreCerrado);
    expect(() => abreSobre(buzon, sobre, 'b')).toThrow(SobreCerrado);
    for (const at of [0, 40, sobre.length - 1]) {
      const changed = Buffer.from(sobre);
      changed[at]! ^= 1;
      expect(() => abreSobre(buzon, changed, 'a')).toThrow(SobreCerrado);
    }
    for (const length of [0, 10, 32, 48, sobre.length - 1]) {
      expect(() => abreSobre(buzon, sobre.subarray(0, length), 'a')).toThrow(SobreCerrado);
    }
  });
});
