import { address, defineSettings, wholeNumber, type houseSettings, type SettingsOf } from '@nexora/runtime';
import { z } from 'zod';

/** One fact of the host as text: anything that a person may have copied, without control characters. */
const fact = () =>
  z
    .string()
    .trim()
    .min(1)
    .max(200)
    .regex(/^[^\p{Cc}]+$/u);

/** What the license agent reads besides the settings of the house. */
export const licenseSettings = defineSettings({
  LICENSE_PUBLIC_KEY_HEX: {
    // Judged key by key when it is used: a bad one is reported and left out, and nothing refuses to start for it.
    schema: z.string(),
    default: '',
    doc: 'Public keys of the vendor, Ed25519, 64 hex digits each; several between commas while keys rotate. Unset: no licence can be verified.',
    example: '3b6a27bcceb6a42d62a3a8d02a6f0d73653215771de243a63ac048a18b59da29',
  },
  LICENSE_GRACE_DAYS: {
    schema: wholeNumber(0, 90),
    default: 7,
    unit: 'days',
    doc: 'How long everything goes on after the licence has ended; then new stampings and sendings wait.',
    example: '7',
  },
  LICENSE_PORTAL_URL: {
    schema: address(['http', 'https']),
    default: '',
    doc: 'Address of the licence portal, which renews. Unset: licences are brought as files.',
    example: 'https://portal.example',
  },
  LICENSE_DIR: {
    schema: z.string().max(4_000),
    default: '.nexora/license',
    doc: 'Folder outside Postgres that keeps the last licence, the revocation list and the time seen, so that a restored backup does not turn time back. In containers a volume.',
    example: '/var/lib/nexora/license',
  },
  LICENSE_MACHINE_ID: {
    schema: fact(),
    default: '',
    doc: 'Machine id of the host, for containers: the text of its /etc/machine-id. Unset: read from this machine.',
    example: '4c4c4544004b3510804ab7c04f4e5331',
  },
  LICENSE_SERIAL: {
    schema: fact(),
    default: '',
    doc: 'Serial number of the board or the disk of the host, for containers. Unset: read from this machine.',
    example: 'PF2ABCDE',
  },
  LICENSE_INSTALLATION_ID: {
    schema: fact(),
    default: '',
    doc: 'Id of this installation, the same in all replicas. Unset: made at the first start and kept in LICENSE_DIR and in Postgres.',
    example: '0b5c1f0e-6a53-4a1e-9d58-6f7c3f1f4f2a',
  },
  NEXORA_FAILPOINT: {
    schema: z.string(),
    default: '',
    doc: 'For fault tests only: `<point>:<marker file>` kills the process the first time it passes the point; several with commas between. Unset in daily life.',
    example: 'license.after-answer:/tmp/marker',
  },
});

/** What deciding needs to be told, in the agent as on the command line. */
export type LicenseValues = SettingsOf<typeof licenseSettings>;

/** Values of the settings of the license agent, those of the house included. */
export type LicenseSettings = SettingsOf<typeof houseSettings & typeof licenseSettings>;
