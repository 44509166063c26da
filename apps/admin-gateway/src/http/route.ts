import { createParamDecorator, HttpCode, RequestMapping, RequestMethod, type ExecutionContext } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { Call } from './call.ts';
import type { AnswerOf, InputOf, RouteSpec } from './route-spec.ts';

const InputOfRequest = createParamDecorator((_: unknown, context: ExecutionContext) => requestOf(context).input);
const CallOfRequest = createParamDecorator((_: unknown, context: ExecutionContext) => requestOf(context).call);

function requestOf(context: ExecutionContext): FastifyRequest {
  return context.switchToHttp().getRequest<FastifyRequest>();
}

/**
 * Binds a controller's method to a route. The method gets `(input, call)`; one that expects another input or answers
 * another shape than the route declares does not compile.
 */
export function Handles<R extends RouteSpec>(route: R) {
  return <H extends (input: InputOf<R>, call: Call) => Promise<AnswerOf<R>>>(
    target: object,
    key: string,
    descriptor: TypedPropertyDescriptor<H>,
  ): void => {
    InputOfRequest()(target, key, 0);
    CallOfRequest()(target, key, 1);
    RequestMapping({ path: route.path, method: RequestMethod[route.method] })(target, key, descriptor);
    HttpCode(successStatus(route))(target, key, descriptor);
    RouteConfig({ route })(target, key, descriptor);
  };
}

/** Status of the first answer. */
function successStatus(route: RouteSpec): number {
  return Number(Object.keys(route.answers)[0]);
}
