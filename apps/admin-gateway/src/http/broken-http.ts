import type { Socket } from 'node:net';
import { Problem, PROBLEM_MEDIA_TYPE, type ProblemCode } from './problem.ts';

/** What Node's parser says about bytes that are no proper HTTP request. */
const BY_CODE: Readonly<Record<string, readonly [ProblemCode, string]>> = {
  HPE_HEADER_OVERFLOW: ['http.headers-too-large', 'The headers are too large. Send fewer or shorter ones.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['http.request-timeout', 'The request came too slowly. Send it again.'],
};

/** Answers what never became a request, by hand: there is no reply object yet. */
export function answerBrokenHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const [code, detail] = BY_CODE[error.code ?? ''] ?? ['http.malformed', 'This is no proper HTTP request.'];
  const problem = new Problem(code, detail);
  const body = JSON.stringify(problem.document('/'));
  socket.end(
    `HTTP/1.1 ${problem.status} Error\r\nContent-Type: ${PROBLEM_MEDIA_TYPE}\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
