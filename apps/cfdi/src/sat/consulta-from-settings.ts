import type { CfdiSettings } from '../cfdi.settings.ts';
import { ConsultaSat } from './consulta-sat.ts';

const PRODUCTION = 'https://consultaqr.facturaelectronica.sat.gob.mx/ConsultaCFDIService.svc';
/** Path of the service, also in the sandbox, which offers it on the port of its PAC. */
const PATH = '/ConsultaCFDIService.svc';

/** The consultation service that the settings name; the stamps of the sandbox are known to the sandbox alone. */
export function consultaFromSettings(settings: CfdiSettings): ConsultaSat {
  const { CFDI_STATUS_URL: given, PAC_PROVIDER, PAC_URL, PAC_TIMEOUT_SECONDS } = settings;
  const own = PAC_PROVIDER === 'sandbox' ? new URL(PATH, PAC_URL).href : PRODUCTION;
  return new ConsultaSat({ url: given === '' ? own : given, timeoutMs: PAC_TIMEOUT_SECONDS * 1_000 });
}
