import { createHash, timingSafeEqual } from 'node:crypto';

/** The account that the service knows. */
export interface Account {
  readonly user: string;
  readonly password: string;
}

/** Whether these are its user and password. */
export function knows(account: Account, user: string | undefined, password: string | undefined): boolean {
  const isUser = same(user, account.user);
  return same(password, account.password) && isUser;
}

function same(given: string | undefined, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(hash(given ?? ''), hash(expected));
}
