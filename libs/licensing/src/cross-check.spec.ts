import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect } from '@jest/globals';
import { itWhen } from '@nexora/testing';
import { openCrl, openLicense } from './documents.ts';
import { MAX_BYTES, PREFIX, readEnvelope } from './envelope.ts';
import { kidOf, readKeys } from './keys.ts';
import { CRL, LICENSE, Vendor } from './vendor.conformance.ts';

const openssl = {
  met: /Ed25519|ED25519/.test(spawnSync('openssl', ['list', '-public-key-algorithms']).stdout?.toString() ?? ''),
  otherwise: 'no openssl with Ed25519',
};
const python = {
  met: spawnSync('python3', ['-c', 'import cryptography']).status === 0,
  otherwise: 'no python3 with the package cryptography',
};

/** A vendor's own tool, written from the specification and not from our code. */
const PYTHON_VENDOR = `
import base64, hashlib, json, sys
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
task = json.load(sys.stdin)
prefix = b"nexora-license-v1\\n"
if task["do"] == "sign":
    key = Ed25519PrivateKey.generate()
    raw = key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    payload = json.dumps(task["payload"], ensure_ascii=False, indent=1).encode()
    envelope = {
        "payload": base64.b64encode(payload).decode(),
        "signature": base64.b64encode(key.sign(prefix + payload)).decode(),
        "kid": hashlib.sha256(raw).hexdigest()[:16],
    }
    print(json.dumps({"envelope": envelope, "hex": raw.hex()}))
else:
    envelope = task["envelope"]
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(task["hex"]))
    key.verify(base64.b64decode(envelope["signature"]), prefix + base64.b64decode(envelope["payload"]))
    assert envelope["kid"] == hashlib.sha256(bytes.fromhex(task["hex"])).hexdigest()[:16]
    print(base64.b64decode(envelope["payload"]).decode())
`;

describe('signatures of other programs', () => {
  const folder = mkdtempSync(join(tmpdir(), 'nexora-licensing-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  const file = (name: string, content: string | Uint8Array): string => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };

  itWhen(openssl)('openssl verifies what we seal', () => {
    const vendor = new Vendor();
    const { key } = [...vendor.keyring.values()][0]!;
    const envelope = vendor.seal('license', LICENSE);
    const pub = file('ours.pem', key.export({ type: 'spki', format: 'pem' }));
    const signature = file('ours.sig', Buffer.from(envelope.signature, 'base64'));
    const signed = Buffer.concat([Buffer.from(PREFIX.license), Buffer.from(envelope.payload, 'base64')]);
    const verify = (text: string): string | undefined =>
      spawnSync('openssl', [
        'pkeyutl',
        '-verify',
        '-rawin',
        '-pubin',
        '-inkey',
        pub,
        '-sigfile',
        signature,
        '-in',
        text,
      ])
        .stdout?.toString()
        .trim();
    expect(verify(file('ours', signed))).toBe('Signature Verified Successfully');
    expect(verify(file('changed', Buffer.concat([signed, Buffer.from(' ')])))).toBe('Signature Verification Failure');
  });

  itWhen(openssl)('we open what openssl signs', () => {
    const key = join(folder, 'theirs.pem');
    execFileSync('openssl', ['genpkey', '-algorithm', 'ed25519', '-out', key]);
    const spki = execFileSync('openssl', ['pkey', '-in', key, '-pubout', '-outform', 'DER']);
    const raw = spki.subarray(-32);
    const payload = Buffer.from(JSON.stringify(CRL));
    const text = file('theirs', Buffer.concat([Buffer.from('nexora-crl-v1\n'), payload]));
    const signature = execFileSync('openssl', ['pkeyutl', '-sign', '-rawin', '-inkey', key, '-in', text]);
    const envelope = { payload: payload.toString('base64'), signature: signature.toString('base64'), kid: kidOf(raw) };
    const read = readEnvelope(JSON.stringify(envelope), MAX_BYTES.crl);
    expect(openCrl(read, readKeys(raw.toString('hex')).keyring).content).toEqual(CRL);
  });

  itWhen(python)('we open what Python signs, and Python what we seal', () => {
    const run = (task: object): string =>
      execFileSync('python3', ['-c', PYTHON_VENDOR], { input: JSON.stringify(task), encoding: 'utf8' });
    const { envelope, hex } = JSON.parse(run({ do: 'sign', payload: LICENSE })) as { envelope: object; hex: string };
    const read = readEnvelope(JSON.stringify(envelope), MAX_BYTES.license);
    expect(openLicense(read, readKeys(hex).keyring).content).toEqual(LICENSE);
    const vendor = new Vendor();
    const sealed = vendor.seal('license', { ...LICENSE, customer: 'Peñón & Hijos «Ñandú»' });
    expect(JSON.parse(run({ do: 'verify', envelope: sealed, hex: vendor.hex }))).toMatchObject({ id: LICENSE.id });
  });

  itWhen(openssl)('openssl finds every key that we take to be a key', () => {
    const hexes = Array.from({ length: 5 }, () => {
      const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' });
      return Buffer.from(jwk.x!, 'base64url').toString('hex');
    });
    for (const { key } of readKeys(hexes.join(',')).keyring.values()) {
      const pem = file('key.pem', key.export({ type: 'spki', format: 'pem' }));
      expect(spawnSync('openssl', ['pkey', '-pubin', '-in', pem, '-noout', '-pubcheck']).status).toBe(0);
    }
  });
});
