import { createHash } from 'node:crypto';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: unknown;
}
interface Operation {
  readonly summary: string;
  readonly 'x-role'?: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: unknown };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content: unknown }>>;
}

/** What of the description is drawn. */
export interface DrawnApi {
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const STYLE = `:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{max-width:60rem;margin:auto;padding:1rem}
summary{cursor:pointer;padding:.3rem 0}code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow:auto;padding:.5rem;
border:1px solid #8886;border-radius:4px}b{display:inline-block;min-width:4rem}table{border-collapse:collapse}
td,th{text-align:left;padding:.2rem 1rem .2rem 0;vertical-align:top}`;

/** The page loads nothing and runs nothing; its one style sheet is known by its hash. */
export const API_PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The description of the API as a page for people: no script, nothing from the Internet, the shop is offline. */
export function apiPage({ info, paths }: DrawnApi): string {
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => drawOperation(method, path, operation)),
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${text(info.title)} API</title><style>${STYLE}</style>
<h1>${text(info.title)} API ${text(info.version)}</h1><p>${text(info.description)}</p>
<p>For programs: <a href="/api/openapi.json">/api/openapi.json</a> (OpenAPI 3.1).</p>
${operations.join('\n')}</html>`;
}

function drawOperation(method: string, path: string, operation: Operation): string {
  const { summary, parameters, requestBody, responses } = operation;
  const role = operation['x-role'] ?? 'everybody';
  return `<details><summary><b>${text(method.toUpperCase())}</b> <code>${text(path)}</code> – ${text(summary)}</summary>
<p>Role: ${text(role)}</p>${drawParameters(parameters)}${requestBody === undefined ? '' : `<p>Body</p>${json(requestBody.content)}`}
<table><tr><th>Status<th>Meaning</tr>${Object.entries(responses).map(drawResponse).join('')}</table></details>`;
}

function drawParameters(parameters: readonly Parameter[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(
    ({ name, in: place, required, description = '' }) =>
      `<tr><td><code>${text(name)}</code><td>${text(place)}${required ? ', required' : ''}<td>${text(description)}</tr>`,
  );
  return `<table><tr><th>Parameter<th>Where<th></tr>${rows.join('')}</table>`;
}

function drawResponse([status, { description, content }]: [string, Operation['responses'][string]]): string {
  const schema = Number(status) < 400 ? `<details><summary>shape</summary>${json(content)}</details>` : '';
  return `<tr><td>${text(status)}<td>${text(description)}${schema}</tr>`;
}

function json(value: unknown): string {
  return `<pre>${text(JSON.stringify(value, null, 2))}</pre>`;
}

function text(raw: string): string {
  return raw.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
