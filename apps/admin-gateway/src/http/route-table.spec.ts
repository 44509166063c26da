import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { defineRoute } from './route-spec.ts';
import { RouteTable } from './route-table.ts';

const answers = { 200: z.object({}) };
const list = defineRoute({ method: 'GET', path: '/api/jobs', access: 'viewer', summary: 'x', answers });
const retry = defineRoute({ method: 'POST', path: '/api/jobs/retry', access: 'operator', summary: 'x', answers });
const one = defineRoute({ method: 'GET', path: '/api/jobs/:id', access: 'viewer', summary: 'x', answers });

function tableOf(...routes: (typeof list | typeof retry | typeof one)[]): RouteTable {
  const table = new RouteTable();
  for (const route of routes) table.add(route.method, route.path, route);
  return table;
}

describe('the table of routes', () => {
  it('stops the start at a route that does not say who may call it', () => {
    const table = new RouteTable();
    expect(() => table.add('GET', '/api/secret', undefined)).toThrow('/api/secret does not say who may call it');
    const { access: _, ...unsaid } = list;
    expect(() => table.add('GET', '/api/jobs', unsaid as typeof list)).toThrow('does not say who may call it');
  });

  it('knows the methods of an address, those of patterns too', () => {
    const table = tableOf(list, retry, one);
    expect(table.methodsAt('/api/jobs')).toEqual(['GET', 'HEAD']);
    expect(table.methodsAt('/api/jobs/retry')).toEqual(['GET', 'HEAD', 'POST']);
    expect(table.methodsAt('/api/jobs/7')).toEqual(['GET', 'HEAD']);
    for (const path of ['/api/job', '/api/jobs/', '/api/jobs/7/8', '/']) expect(table.methodsAt(path)).toEqual([]);
  });

  it('takes the HEAD that the server adds for the same route', () => {
    const table = tableOf(list);
    table.add('HEAD', '/api/jobs', list);
    expect(table.all).toEqual([list]);
  });
});
