/** The field of edwards25519 (RFC 8032 §5.1). */
const P = 2n ** 255n - 19n;
const D = mod(-121665n * power(121666n, P - 2n));

/** y of the points of order 1, 2, 4 and 8; 0 and 1 also as p and p + 1. Either sign of x: the sign bit is masked. */
const SMALL_ORDER: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  littleEndian('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05'),
  littleEndian('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a'),
  P - 1n,
  P,
  P + 1n,
]);

/** Why 32 bytes are no public key. */
export type PointFault = 'small order' | 'not canonical' | 'not on the curve';

/**
 * Judges the 32 bytes of an Ed25519 public key. Under a key of small order one constant signature passes for many or all
 * texts (OpenSSL 3.0 verifies it, 3.5 does not; nobody imports such a key with a complaint); one that is no point verifies nothing.
 */
export function faultOfPoint(raw: Uint8Array): PointFault | null {
  const y = littleEndian(Buffer.from(raw).toString('hex')) & (2n ** 255n - 1n);
  if (SMALL_ORDER.has(y)) return 'small order';
  if (y >= P) return 'not canonical';
  return isOnCurve(y) ? null : 'not on the curve';
}

/** −x² + y² = 1 + d·x²·y², so x² = (y² − 1) / (d·y² + 1) must be a square (Euler's criterion). */
function isOnCurve(y: bigint): boolean {
  const y2 = mod(y * y);
  const x2 = mod((y2 - 1n) * power(mod(D * y2 + 1n), P - 2n));
  return x2 === 0n || power(x2, (P - 1n) / 2n) === 1n;
}

function mod(value: bigint): bigint {
  const rest = value % P;
  return rest < 0n ? rest + P : rest;
}

function power(base: bigint, exponent: bigint): bigint {
  let result = 1n;
  for (let square = mod(base), left = exponent; left > 0n; left >>= 1n) {
    if (left & 1n) result = mod(result * square);
    square = mod(square * square);
  }
  return result;
}

function littleEndian(hex: string): bigint {
  return BigInt(`0x${Buffer.from(hex, 'hex').reverse().toString('hex')}`);
}
