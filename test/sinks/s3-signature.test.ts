/** Signature Version 4, held against the worked examples of the Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header". */
import { describe, expect, it } from 'vitest';
import { secret } from '../../src/core/secret.ts';
import { hashOf, signed, uriEncode } from '../../src/sinks/s3/sigv4.ts';

const keys = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: secret('wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY') };
const now = Date.UTC(2013, 4, 24);
const host = 'https://examplebucket.s3.amazonaws.com';

const examples = [
  ['GET', '/test.txt', { range: 'bytes=0-9' }, '', 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
  [
    'PUT',
    '/test%24file.text',
    { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
    'Welcome to Amazon S3.',
    '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
  ],
  ['GET', '/?lifecycle', {}, '', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ['GET', '/?max-keys=2&prefix=J', {}, '', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
] as const;

describe('a signature', () => {
  it.each(examples)('of %s %s is that of the documentation', (method, path, headers, body, signature) => {
    const url = new URL(host + path);
    const { authorization } = signed({ method, url, headers, payloadHash: hashOf(body), region: 'us-east-1', service: 's3', now }, keys);
    expect(authorization).toContain(`Signature=${signature}`);
    expect(authorization).toContain('Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,');
  });

  it('does not depend on how the URL or its query is written, and covers every header', () => {
    const of = (path: string, headers = {}) =>
      signed({ method: 'GET', url: new URL(host + path), headers, payloadHash: hashOf(''), region: 'us-east-1', service: 's3', now }, keys).authorization;
    expect(of('/a$b?z=1&a=%20x')).toBe(of('/a%24b?a=+x&z=1'));
    expect(of('/a', { 'x-amz-acl': 'private' })).toContain('SignedHeaders=host;x-amz-acl;x-amz-content-sha256;x-amz-date,');
    expect(of('/a', { 'x-amz-acl': 'private' })).not.toBe(of('/a', { 'x-amz-acl': 'public' }));
  });

  it('covers the session token', () => {
    const url = new URL(`${host}/a`);
    const headers = signed(
      { method: 'GET', url, headers: {}, payloadHash: hashOf(''), region: 'us-east-1', service: 's3', now },
      { ...keys, sessionToken: secret('token') },
    );
    expect(headers['x-amz-security-token']).toBe('token');
    expect(headers.authorization).toContain('x-amz-security-token,');
  });
});

it('encodes every byte that is not unreserved', () => {
  expect(uriEncode("aZ0-._~ !'()*/+ü😀")).toBe('aZ0-._~%20%21%27%28%29%2A%2F%2B%C3%BC%F0%9F%98%80');
  expect(uriEncode('\ud800')).toBe('%EF%BF%BD');
});
