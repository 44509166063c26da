import { offlineRequestIn, type RenewalRequest } from '../office/offline.ts';
import { OfficeRefused } from '../office/refused.ts';
import type { Answer, Exchange } from './exchange.ts';
import { problemPage, replyPage } from './page.ts';
import type { RenewalDesk } from './renew.ts';

const html = 'text/html; charset=utf-8';

/** Nothing but what the page itself holds. */
const headers = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'",
  'referrer-policy': 'no-referrer',
};

/** Name of the file that the owner's phone keeps. */
const fileName = 'respuesta-licencia.json';

/**
 * Answers `GET /v1/offline?request=…`, where the phone of an owner without a line at the shop arrives from a QR: a page
 * with the reply to download and as QR; with `&download` the reply itself as a file.
 */
export async function offline({ url, parts }: Exchange, desk: RenewalDesk, now: Date): Promise<Answer> {
  let asked: RenewalRequest;
  try {
    asked = offlineRequestIn(url.searchParams.get('request') ?? '');
  } catch (error) {
    if (!(error instanceof OfficeRefused)) throw error;
    return { status: 400, type: html, body: problemPage(), headers, told: { outcome: 'bad-request' } };
  }
  const { body, replied, told } = await desk.ask(asked, parts);
  if (url.searchParams.has('download')) {
    const disposition = { 'content-disposition': `attachment; filename="${fileName}"` };
    return { status: 200, type: 'application/json', body, headers: { ...headers, ...disposition }, told };
  }
  const download = new URL(url);
  download.searchParams.set('download', '1');
  const page = await replyPage({ body, replied, download: `${download.pathname}${download.search}`, fileName, now });
  return { status: 200, type: html, body: page, headers, told };
}
