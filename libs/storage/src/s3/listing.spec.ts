import { describe, expect, it } from '@jest/globals';
import { readListing } from './listing.ts';

const contents = (key: string) =>
  `<Contents><Key>${key}</Key><LastModified>2026-11-21T11:32:32.000Z</LastModified><ETag>"x"</ETag><Size>7</Size><Owner><ID>Key</ID></Owner></Contents>`;
const listing = (inside: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${inside}</ListBucketResult>`;
const keys = (inside: string) => readListing(listing(inside)).objects.map(({ key }) => key);

describe('a listing of S3', () => {
  it('gives keys, sizes and times', () => {
    expect(readListing(listing(`<IsTruncated>true</IsTruncated>${contents('a/b.xml')}`))).toEqual({
      truncated: true,
      objects: [{ key: 'a/b.xml', size: 7, modifiedAt: new Date('2026-11-21T11:32:32Z') }],
    });
  });

  it('is decoded only where the server says that it encoded', () => {
    expect(keys(`${contents('a%2Bb+c%25')}<EncodingType>url</EncodingType>`)).toEqual(['a+b c%']);
    expect(keys(contents('a%2Bb+100%'))).toEqual(['a%2Bb+100%']);
    expect(keys(`${contents('a &amp; &#241;')}<EncodingType></EncodingType>`)).toEqual(['a & ñ']);
  });

  it('keeps keys that look like numbers or have spaces at their ends', () => {
    expect(keys(contents('0012') + contents(' a ') + contents('1e3'))).toEqual(['0012', ' a ', '1e3']);
  });

  it('may be empty', () => {
    expect(readListing(listing(''))).toEqual({ objects: [], truncated: false });
  });

  it.each([
    '',
    '<html></html>',
    'no xml',
    listing('<Contents>'),
    listing(`${contents('%')}<EncodingType>url</EncodingType>`),
  ])('is not made of %j', (text) => {
    expect(() => readListing(text)).toThrow();
  });
});
