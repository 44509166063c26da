import { describe, expect, it } from '@jest/globals';
import { formField } from './multipart.ts';

const type = 'multipart/form-data; boundary=----b';
const body = (...parts: [head: string, content: string][]): Buffer =>
  Buffer.from(
    `${parts.map(([head, content]) => `------b\r\n${head}\r\n\r\n${content}\r\n`).join('')}------b--\r\n`,
    'utf8',
  );
const disposition = (name: string): string =>
  `Content-Disposition: form-data; name="${name}"; filename="f"\r\nContent-Type: text/xml`;

describe('the field of a form', () => {
  it('comes out byte by byte as it went in', () => {
    const content = '<a>\r\n--b\r\n ñ 😀 \r\n</a>\r\n';
    expect(formField(body([disposition('xml'), content]), type, 'xml')?.toString('utf8')).toBe(content);
    expect(formField(body([disposition('xml'), '']), type, 'xml')).toEqual(Buffer.alloc(0));
  });

  it('is found among others, with a quoted boundary and in any case', () => {
    const form = body([disposition('other'), 'no'], ['content-disposition: FORM-DATA; name=xml', 'yes']);
    expect(formField(form, 'Multipart/Form-Data; charset=utf-8; boundary="----b"', 'xml')?.toString()).toBe('yes');
  });

  it('is absent from another form, another type and a body cut short', () => {
    const form = body([disposition('xml'), 'content']);
    expect(formField(form, type, 'xm')).toBeUndefined();
    expect(formField(form, 'application/xml', 'xml')).toBeUndefined();
    expect(formField(form.subarray(0, form.length - 12), type, 'xml')).toBeUndefined();
  });
});
