import { connect } from 'node:net';

const ANSWER_WITHIN_MS = 5_000;

/**
 * Signs in, takes the database of the URL and sends one command with a one-line answer (PING, FLUSHDB); answers that
 * line without its mark. A client library would bring reconnection, timers and memory for two words.
 */
export function redisCommand(url: string, command: string): Promise<string> {
  const { hostname, port, username, password, pathname } = new URL(url);
  const words = [`AUTH ${username} ${password}`, `SELECT ${pathname.slice(1) || '0'}`, command];
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port) || 6379, hostname.replace(/^\[|\]$/g, ''), () =>
      socket.write(`${words.join('\r\n')}\r\n`),
    );
    let text = '';
    const settle = (outcome: () => void) => {
      socket.destroy();
      outcome();
    };
    socket.setTimeout(ANSWER_WITHIN_MS, () => settle(() => reject(new Error('Redis does not answer'))));
    socket.on('error', (error) => settle(() => reject(error)));
    socket.on('close', () => reject(new Error('Redis closed the connection')));
    socket.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
      const answers = text.split('\r\n').slice(0, -1);
      const refusal = answers.find((answer) => answer.startsWith('-'));
      const last = answers[words.length - 1];
      if (refusal !== undefined) settle(() => reject(new Error(refusal.slice(1))));
      else if (last !== undefined) settle(() => resolve(last.slice(1)));
    });
  });
}
