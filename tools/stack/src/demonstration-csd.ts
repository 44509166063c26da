import { makeDemoIssuer } from '@nexora/sandbox-pac';
import { Home } from './home.ts';

/** Arguments that name the CSD of the demonstration issuer, which is made where there is none. */
export async function demonstrationCsd(): Promise<string[]> {
  const home = Home.ofClone();
  home.prepare();
  const { cer, key, passwordFile } = await makeDemoIssuer(home.file('sandbox-pac'));
  return ['--cer', cer, '--key', key, '--password-file', passwordFile];
}
