import type { RouteSpec } from './route-spec.ts';

/** All routes of the running gateway, as the server registered them. */
export class RouteTable {
  readonly #routes: RouteSpec[] = [];

  /**
   * Takes note of a route.
   * @throws Error when it does not say who may call it: then the gateway does not start.
   */
  add(method: string, url: string, route: RouteSpec | undefined): void {
    if (route === undefined || route.access === undefined) {
      throw new Error(`The route ${method} ${url} does not say who may call it; declare it with defineRoute().`);
    }
    // The server adds a HEAD to each GET; it is the same route.
    if (!this.#routes.includes(route)) this.#routes.push(route);
  }

  /** Every route once. */
  get all(): readonly RouteSpec[] {
    return this.#routes;
  }

  /** The methods that an address takes, empty when nothing is there. */
  methodsAt(path: string): string[] {
    const methods = this.#routes.filter((route) => matches(route.path, path)).map((route) => route.method);
    return [...new Set(methods.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])))].sort();
  }
}

function matches(pattern: string, path: string): boolean {
  const wanted = pattern.split('/');
  const given = path.split('/');
  return (
    wanted.length === given.length &&
    wanted.every((part, index) => (part.startsWith(':') ? given[index] !== '' : part === given[index]))
  );
}
