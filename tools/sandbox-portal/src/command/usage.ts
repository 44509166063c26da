/** Every command of the vendor's office. */
export const usage = `license-portal -- issue --customer <name> --rfc <RFC> [--plan <name>] [--feature <name>]…
                        [--quantity <name>=<n>]… [--valid-days <n>] [--valid-until <time>] [--paid-until <time>]
                        [--not-before <time>] [--binding <digest>,<digest>,<digest> | --bind] [--min-crl <n>]
                        [--id <id>] [--out <file>]   a licence; --bind: for the first machine that renews it
license-portal -- renew <id> [--paid-until <time>] [--valid-days <n>] [--out <file>]
license-portal -- revoke <id>                        for good
license-portal -- suspend <id>                       until it is reinstated
license-portal -- reinstate <id>
license-portal -- rotate                             a new key signs, the revocation list starts a new series
license-portal -- crl [--out <file>]                 the revocation list
license-portal -- keys [--hex]                       public keys; --hex: as LICENSE_PUBLIC_KEY_HEX takes them
license-portal -- answer <request file> [--out <file>]   the reply to a request brought by hand; - reads the input
license-portal -- list                               one JSON line per licence
All take --dir <folder of the sandbox portal>, else SANDBOX_DIR. Times: 2027-01-31 or 2027-01-31T18:00:00Z.`;

/** What was asked for does not exist, or not so; the usage is shown with it. */
export class Misused extends Error {
  constructor(message = '') {
    super(message);
    this.name = 'Misused';
  }
}
