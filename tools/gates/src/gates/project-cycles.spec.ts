import { describe, expect, it } from '@jest/globals';
import { projectCycles } from './project-cycles.ts';

function imports(...edges: readonly [from: string, to: string][]) {
  return { modules: edges.map(([source, resolved]) => ({ source, dependencies: [{ resolved }] })) };
}

describe('projectCycles', () => {
  it('finds projects that need each other although no two files do, and names the circle once', () => {
    const found = projectCycles(
      imports(
        ['libs/a/src/1.ts', 'libs/b/src/1.ts'],
        ['libs/b/src/2.ts', 'libs/c/src/1.ts'],
        ['libs/c/src/2.ts', 'libs/a/src/2.ts'],
      ),
    );
    expect(found).toEqual([['libs/a', 'libs/b', 'libs/c', 'libs/a']]);
  });

  it('is content with imports in one direction', () => {
    expect(
      projectCycles(imports(['libs/a/src/1.ts', 'libs/b/src/1.ts'], ['apps/x/src/1.ts', 'libs/a/src/1.ts'])),
    ).toEqual([]);
  });

  it('leaves out tests and the library they use', () => {
    expect(
      projectCycles(
        imports(
          ['libs/a/src/1.spec.ts', 'libs/b/src/1.ts'],
          ['libs/b/src/1.ts', 'libs/a/src/1.ts'],
          ['libs/testing/src/1.ts', 'libs/a/src/1.ts'],
        ),
      ),
    ).toEqual([]);
  });
});
