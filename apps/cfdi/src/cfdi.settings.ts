import {
  address,
  commaList,
  defineSettings,
  houseSettings,
  oneOf,
  wholeNumber,
  type SettingsOf,
} from '@nexora/runtime';
import { storageSettings } from '@nexora/storage';
import { z } from 'zod';

/** 32 bytes, in base64 or hexadecimal. */
function key32() {
  return z
    .string()
    .transform((text) => Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? 'hex' : 'base64'))
    .refine((bytes) => bytes.length === 32, {
      error: 'must be 32 bytes, as 44 characters of base64 or 64 of hexadecimal',
    });
}

/** What the CFDI agent reads beside the house's settings. */
export const cfdiSettings = defineSettings({
  ...houseSettings,
  ...storageSettings,
  CFDI_RETRY_MAX_HOURS: {
    schema: z.coerce.number().min(0.01).max(72),
    default: 6,
    unit: 'hours',
    doc: 'Longest wait between two tries to stamp the same comprobante; the first waits are 1, 2, 4 … minutes.',
    example: '6',
  },
  CFDI_CONCURRENCY: {
    schema: wholeNumber(1, 32),
    default: 4,
    doc: 'Comprobantes that one process has at the PAC at the same time.',
    example: '4',
  },
  CFDI_KEY_ENCRYPTION_KEY: {
    schema: key32(),
    secret: true,
    doc: "Encrypts the issuers' private keys in the database. Keep a copy apart from the backups: without it every CSD must be installed again.",
    example: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=',
  },
  CFDI_SAT_CERTIFICATES: {
    schema: commaList(),
    default: [],
    doc: 'Paths of certificates (.cer) with which the tax authority signs stamps. A stamp of one of them must verify; of others the seal of the stamp is not judged.',
    example: '/etc/nexora/sat/00001000000705250068.cer',
  },
  SAT_RESOURCES_DIR: {
    schema: z.string(),
    default: '',
    doc: "Folder with the tax authority's schemas (XSD) in its own layout, as `npm run sat-resources -- pull` makes it. Set: every comprobante is also judged by them before its seal is stored, for about 30 MB of memory and less than half a millisecond of processor time each. Unset: our own checks alone.",
    example: '/var/lib/nexora/sat',
  },
  PAC_PROVIDER: {
    schema: oneOf(['sandbox', 'sw', 'finkok']),
    default: 'sandbox',
    doc: 'Who stamps: `sw` (SW sapien), `finkok`, or `sandbox`, a PAC of our own for trying out, whose stamps have no fiscal effect. What was sent to one PAC and got no answer is asked of that one only: see docs/cfdi/pac.md before you change it.',
    example: 'sw',
  },
  PAC_URL: {
    schema: address(['http', 'https']),
    default: '',
    doc: "Address of the PAC's service. Unset with `sw` and `finkok`: their production service; for trying out https://services.test.sw.com.mx and https://demo-facturacion.finkok.com. With `sandbox`: its address, and with `/finkok` behind it, it is spoken to in Finkok's protocol.",
    example: 'https://services.test.sw.com.mx',
  },
  PAC_USER: { schema: z.string(), default: '', doc: 'User of the account at the PAC.', example: 'usuario@example.mx' },
  PAC_PASS: {
    schema: z.string(),
    default: '',
    secret: true,
    doc: 'Password of the account at the PAC.',
    example: 'una-contraseña-larga',
  },
  PAC_TOKEN: {
    schema: z.string(),
    default: '',
    secret: true,
    doc: 'Token without end of the account at SW; then user and password are not needed. Finkok knows none.',
    example: 'eyJhbGciOi…',
  },
  PAC_TIMEOUT_SECONDS: {
    schema: wholeNumber(1, 300),
    default: 60,
    unit: 'seconds',
    doc: 'Longest time that one request to the PAC may take; then its outcome counts as unknown and the same bytes are sent again later.',
    example: '60',
  },
  CFDI_STATUS_URL: {
    schema: address(['http', 'https']),
    default: '',
    doc: "Address of the tax authority's consultation service, which tells whether a comprobante is valid or cancelled. Unset: the tax authority's own; while PAC_PROVIDER is sandbox, that of the sandbox.",
    example: 'https://pruebacfdiconsultaqr.cloudapp.net/ConsultaCFDIService.svc',
  },
  CFDI_STAMPS_LOW: {
    schema: wholeNumber(0, 1_000_000),
    default: 100,
    unit: 'stamps',
    doc: 'Below this many stamps left at the PAC an alarm is raised; they are counted every hour. 0: never.',
    example: '500',
  },
  NEXORA_FAILPOINT: {
    schema: z.string().regex(/^cfdi\.[a-z-]+:.+$/),
    default: '',
    doc: 'For fault tests only: `<point>:<marker file>` kills the process the first time it passes the point; several with commas between. Unset in daily life.',
    example: 'cfdi.after-answer:/tmp/marker',
  },
});

/** Values of the settings of the CFDI agent. */
export type CfdiSettings = SettingsOf<typeof cfdiSettings>;
