import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { trackedFiles } from '../files.ts';
import { failed, type Gate, passed } from '../gate.ts';
import { root } from '../root.ts';

/**
 * Full names ("suite > test") that stand twice in one file. Names that are computed, as of `it.each`, are left out.
 */
export function duplicateNames(fileName: string, text: string): string[] {
  const seen = new Set<string>();
  const twice: string[] = [];
  const visit = (node: ts.Node, suites: readonly string[]): void => {
    const call = ts.isCallExpression(node) ? titled(node) : undefined;
    if (call?.kind === 'test') {
      const name = [...suites, call.title].join(' > ');
      if (seen.has(name)) twice.push(name);
      seen.add(name);
    }
    const inner = call?.kind === 'suite' ? [...suites, call.title] : suites;
    ts.forEachChild(node, (child) => {
      visit(child, inner);
    });
  };
  visit(ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true), []);
  return twice;
}

function titled(call: ts.CallExpression): { kind: 'suite' | 'test'; title: string } | undefined {
  // `it('…')`, and `itWhen(…)('…')`, which hands back an `it`.
  const callee = ts.isCallExpression(call.expression) ? call.expression.expression : call.expression;
  const title = call.arguments[0];
  if (!ts.isIdentifier(callee) || title === undefined || !ts.isStringLiteralLike(title)) return undefined;
  if (/^(it|test)(When)?$/.test(callee.text)) return { kind: 'test', title: title.text };
  if (/^describe(When)?$/.test(callee.text)) return { kind: 'suite', title: title.text };
  return undefined;
}

export const testNames: Gate = {
  name: 'test names',
  remedy: 'a test that is red must be found by its name: give each its own',
  async check() {
    const specs = (await trackedFiles()).filter((path) => /\.(spec|conformance)\.tsx?$/.test(path));
    const complaints = specs.flatMap((path) =>
      duplicateNames(path, readFileSync(join(root, path), 'utf8')).map((name) => `${path}: "${name}" stands twice`),
    );
    return complaints.length === 0 ? passed : failed(complaints.join('\n'));
  },
};
