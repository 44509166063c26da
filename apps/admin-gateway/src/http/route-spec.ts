import type { z } from 'zod';
import type { Access } from '../auth/roles.ts';
import type { ProblemCode } from './problem.ts';
import type { RawAnswer } from './raw-answer.ts';

/** An answer of bytes, not JSON. */
export interface BytesAnswer {
  readonly bytes: string;
  readonly description: string;
}

/** One answer in several forms: JSON, or bytes of one of some types. */
export interface SeveralForms {
  readonly json: z.ZodType;
  readonly bytes: readonly string[];
  readonly description: string;
}

/** What a route answers under one status. */
export type DeclaredAnswer = z.ZodType | BytesAnswer | SeveralForms;

type Part = z.ZodType | undefined;

/**
 * One route of the API: what reaches the handler, who may call it, what it answers. Access, validation, OpenAPI and
 * the tests of the access matrix all read it; there is no second place that says any of this.
 */
export interface RouteSpec<P extends Part = Part, Q extends Part = Part, B extends Part = Part> {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** As the router takes it: `/api/comprobantes/:id`. */
  readonly path: `/api/${string}`;
  readonly access: Access;
  /** One line, for the API's description. */
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** Replaces the reading of the body by its schema where a library of rules judges it; throws a Problem. */
  readonly readBody?: (json: unknown) => z.output<B & z.ZodType>;
  /** As `readBody`, of the body as it came over the wire: for what must not be read and written anew before. */
  readonly readBytes?: (bytes: Buffer) => z.output<B & z.ZodType>;
  /** How large a body may be that the ledger does not keep; default: what the ledger takes. */
  readonly mostBytes?: number;
  /** Answers by status; the first one is what a handler's plain result is sent with. */
  readonly answers: Readonly<Record<number, DeclaredAnswer>>;
  /** Problems beyond those that every route may answer. */
  readonly problems?: readonly ProblemCode[];
  /** Creates work or a thing, so `Idempotency-Key` counts. */
  readonly createsWork?: boolean;
  /** Top-level fields of the body that no record may be turned back into, nor be guessed from: keys, passwords. */
  readonly secrets?: readonly string[];
}

type OutputOf<T> = T extends z.ZodType ? z.output<T> : undefined;

/** What the handler of a route receives. */
export interface InputOf<R extends RouteSpec> {
  readonly params: OutputOf<R['params']>;
  readonly query: OutputOf<R['query']>;
  readonly body: OutputOf<R['body']>;
}

type JsonAnswers<R extends RouteSpec> = {
  [Status in keyof R['answers']]: R['answers'][Status] extends z.ZodType ? z.input<R['answers'][Status]> : never;
}[keyof R['answers']];

/** What the handler of a route may answer: a body of one of its schemas, or a {@link RawAnswer}. */
export type AnswerOf<R extends RouteSpec> = JsonAnswers<R> | RawAnswer;

/** Declares a route; gives the declaration back with its exact type. */
export function defineRoute<const R extends RouteSpec>(spec: R): R {
  return Object.freeze(spec);
}
