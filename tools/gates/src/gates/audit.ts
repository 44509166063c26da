import { run } from '../command.ts';
import { type Finding, failed, type Gate, passed } from '../gate.ts';

/** The answer of `npm audit --json` as far as it is read: a registry that cannot say has no `vulnerabilities`. */
interface Answer {
  readonly message?: string;
  readonly vulnerabilities?: Record<string, { readonly severity: string }>;
}

/** Known holes in what is shipped; a registry that does not answer is no verdict. */
export const audit: Gate = {
  name: 'audit',
  remedy: 'npm audit --omit=dev names the package and the version that mends it',
  async check() {
    return verdictOfAudit((await run('npm', ['audit', '--omit=dev', '--json', '--loglevel=silent'])).output);
  },
};

/** Tells "found" from "could not ask". */
export function verdictOfAudit(output: string): Finding {
  const start = output.indexOf('{');
  if (start < 0) return { kind: 'skipped', reason: 'the registry gave no answer' };
  const answer = JSON.parse(output.slice(start)) as Answer;
  if (answer.vulnerabilities === undefined) {
    return { kind: 'skipped', reason: `the registry cannot be asked: ${answer.message ?? 'no reason given'}` };
  }
  const severe = Object.entries(answer.vulnerabilities).filter(([, { severity }]) => /high|critical/.test(severity));
  return severe.length === 0 ? passed : failed(severe.map(([name, { severity }]) => `${name}: ${severity}`).join('\n'));
}
