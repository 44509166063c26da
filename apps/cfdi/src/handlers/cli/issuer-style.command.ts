import { LogoRefused } from '../../representacion/logo.ts';
import { IssuerStyles } from '../../store/issuer-styles.ts';
import { demand, Faulty, fileAt, given, noOthers, Usage, type Run } from './command.ts';
import { withDatabase } from './store.ts';

/** Sets logo, colour and language of an issuer's PDFs; what is not named stays. */
export const styleIssuer: Run = async (args, { write }) => {
  const all = given(args, ['rfc', 'logo', 'color', 'idioma'], ['sin-logo']);
  noOthers(all);
  const rfc = demand(all, 'rfc');
  const { logo, color, idioma } = all.options;
  if (color !== undefined && !/^#[0-9a-f]{6}$/i.test(color)) throw new Usage('--color es como #1f4e79.');
  if (idioma !== undefined && idioma !== 'es' && idioma !== 'en') throw new Usage('--idioma es es o en.');
  const image = logo === undefined ? undefined : fileAt(logo);
  await withDatabase(async (sql) => {
    const styles = new IssuerStyles(sql);
    const now = await styles.find(rfc);
    await put(styles, rfc, {
      logo: all.flags.has('sin-logo') ? null : (image ?? now.logo),
      color: color ?? now.color,
      idioma: idioma ?? now.idioma,
    });
  });
  write(`Los PDF de ${rfc} que se dibujen desde ahora llevan esa imagen.\n`);
};

async function put(styles: IssuerStyles, rfc: string, style: Parameters<IssuerStyles['putStyle']>[1]): Promise<void> {
  try {
    await styles.putStyle(rfc, style);
  } catch (error) {
    if (error instanceof LogoRefused || (error instanceof Error && isRefusal(error))) throw new Faulty(error.message);
    throw error;
  }
}

/** A refusal of the database, in Spanish already. */
function isRefusal(error: Error): boolean {
  return 'code' in error && (error.code === 'NX404' || error.code === 'NX422');
}
