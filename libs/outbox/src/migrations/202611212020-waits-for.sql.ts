import { IS_LIMITED } from './202611212000-license.sql.ts';
import { views } from './202611211011-views.sql.ts';
import { revisedView } from './revised.ts';

/** The licence is the one gate of a single row: another row of the same kind, which is under way, goes on. */
const waitsFor = `CASE WHEN j.state = 'pending' AND j.intent IS NULL AND k.needs_license AND ${IS_LIMITED}
            THEN 'license' END AS waits_for`;

/** Listings say which rows wait for the licence. */
export const waitsForLicense = `
${revisedView(views, 'job_listing', [
  [`j.intent - 'dispatch' AS intent, j.alone\n`, `j.intent - 'dispatch' AS intent, j.alone,\n       ${waitsFor}\n`],
  [`j.intent - 'dispatch', false\n`, `j.intent - 'dispatch', false, NULL\n`],
])}

${revisedView(views, 'job_status', [['l.last_error AS error, l.result', 'l.last_error AS error, l.result, l.waits_for']])}
`;
