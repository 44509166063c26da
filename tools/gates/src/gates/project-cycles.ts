import type { Cruise } from './cruise.ts';

const projectOf = /^(?:apps|libs|tools)\/[^/]+/;
const isTest = /\.(spec|conformance)\.tsx?$/;
/** Starts what the kernel needs and is imported by the kernel's tests, so a circle of projects is its nature. */
const TEST_LIBRARY = 'libs/testing';

/** Projects whose sources need each other, each named in one circle. */
export function projectCycles(report: Pick<Cruise, 'modules'>): string[][] {
  const edges = edgesOf(report);
  const found: string[][] = [];
  for (const start of [...edges.keys()].sort()) {
    const known = found.some((circle) => circle.includes(start));
    const circle = known ? undefined : shortestWayBack(edges, start);
    if (circle) found.push(circle);
  }
  return found;
}

function edgesOf(report: Pick<Cruise, 'modules'>): Map<string, Set<string>> {
  const edges = new Map<string, Set<string>>();
  for (const { source, dependencies } of report.modules) {
    const from = projectOf.exec(source)?.[0];
    if (from === undefined || from === TEST_LIBRARY || isTest.test(source)) continue;
    for (const { resolved } of dependencies) {
      const to = projectOf.exec(resolved)?.[0];
      if (to === undefined || to === from || to === TEST_LIBRARY) continue;
      edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
  }
  return edges;
}

function shortestWayBack(edges: Map<string, Set<string>>, start: string): string[] | undefined {
  const ways = [[start]];
  const seen = new Set<string>();
  for (let way = ways.shift(); way; way = ways.shift()) {
    for (const next of edges.get(way.at(-1) ?? start) ?? []) {
      if (next === start) return [...way, start];
      if (seen.has(next)) continue;
      seen.add(next);
      ways.push([...way, next]);
    }
  }
  return undefined;
}
