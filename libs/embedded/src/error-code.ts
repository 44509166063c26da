/**
 * The `code` of a system's or a driver's error (`ENOENT`, `57P03`), or undefined. Asked by shape, since an error of
 * another realm (Jest runs tests in one) is no `instanceof Error`.
 */
export function errorCode(error: unknown): string | undefined {
  const found = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof found === 'string' ? found : undefined;
}
