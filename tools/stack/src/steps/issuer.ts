// Makes the demonstration issuer's certificate and key, once; prints where they are.
import { makeDemoIssuer } from '@nexora/sandbox-pac';

process.stdout.write(JSON.stringify(await makeDemoIssuer(String(process.argv[2]))));
