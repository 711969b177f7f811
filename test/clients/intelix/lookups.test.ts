/** What goes over the wire for a lookup, and what is made of the answer. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failure, IntelixBench } from './bench.ts';

const hash = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
let bench: IntelixBench;
beforeEach(async () => {
  bench = await new IntelixBench().open();
});
afterEach(() => bench.close());

describe('a lookup on the wire', () => {
  it('asks for a token by Basic, and sends it raw, with a correlation id', async () => {
    const { far } = bench;
    const found = await bench.client().url('example.com');
    expect(far.tokenCalls).toHaveLength(1);
    const [asked] = far.lookups;
    expect(asked).toMatchObject({ method: 'GET', target: '/lookup/urls/v1/example.com', headers: { authorization: 'eyJ.token-1.x_y-z' } });
    expect(asked?.headers['x-correlation-id']).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(found.correlationId).toBe(asked?.headers['x-correlation-id']);
  });

  it.each([
    ['http://Example.com:8080/a b?q=1#top', '/lookup/urls/v1/http%3A%2F%2FExample.com%3A8080%2Fa%20b%3Fq%3D1%23top'],
    [' example.com/100%25 ', '/lookup/urls/v1/example.com%2F100%2525'],
    ['bücher.example/ä', '/lookup/urls/v1/b%C3%BCcher.example%2F%C3%A4'],
    ['../../../oauth2/token', '/lookup/urls/v1/..%2F..%2F..%2Foauth2%2Ftoken'],
    ['%2e%2e', '/lookup/urls/v1/%252e%252e'],
    ['example.com\\x', '/lookup/urls/v1/example.com%5Cx'],
    ['192.0.2.7', '/lookup/ips/v1/192.0.2.7'],
    ['[2001:DB8:0::1]', '/lookup/ips/v1/2001%3Adb8%3A%3A1'],
    [hash.toUpperCase(), `/lookup/files/v1/${hash}`],
  ])('of %j asks for one segment of the path: %s', async (address, target) => {
    await bench.client().lookup(address);
    expect(bench.far.lookups.map((asked) => asked.target)).toEqual([target]);
  });

  it('carries an address of 8 KB', async () => {
    await bench.client().url(`example.com/${'a'.repeat(8178)}`);
    expect(bench.far.lookups[0]?.target).toHaveLength('/lookup/urls/v1/'.length + 8192);
  });

  it.each(['', '  ', '..', 'a\u0000b', `example.com/${'a'.repeat(8192)}`, 'x\ud800y'])('sends nothing at all for %j', async (address) => {
    const client = bench.client();
    expect(await failure(client.url(address))).toMatchObject({ kind: 'rejected', code: 'intelix.bad-input', advice: expect.any(String) });
    expect(await failure(client.ip(address))).toMatchObject({ code: 'intelix.bad-input' });
    expect(await failure(client.file(address))).toMatchObject({ code: 'intelix.bad-input' });
    expect(bench.far.asked).toEqual([]);
  });

  it('carries the correlation id that is given, and none that could break a header', async () => {
    const client = bench.client();
    expect((await client.url('example.com', { correlationId: 'run-7/42' })).correlationId).toBe('run-7/42');
    expect(await failure(client.url('example.org', { correlationId: 'a\r\nb: c' }))).toMatchObject({ code: 'intelix.bad-input' });
    expect(bench.far.lookups).toHaveLength(1);
  });
});

describe('the answer for a URL', () => {
  it('has categories, risk and life, where it came from, and when', async () => {
    bench.far.known.set('example.com', { productivityCategory: 'PROD_GAMES', securityCategory: 'SEC_PUA_OTHER', riskLevel: 'MEDIUM', ttl: 300 });
    const before = Date.now();
    const found = await bench.client().url('example.com');
    expect(found).toEqual({
      kind: 'url',
      input: 'example.com',
      productivityCategory: 'PROD_GAMES',
      securityCategory: 'SEC_PUA_OTHER',
      riskLevel: 'MEDIUM',
      ttl: 300,
      requestId: 'r-2',
      correlationId: expect.any(String),
      cached: false,
      lookedUpAt: expect.any(Number),
    });
    expect(found.lookedUpAt).toBeGreaterThanOrEqual(before);
  });

  it.each([
    ['either category', { productivityCategory: 'PROD_NEWS' }, { productivityCategory: 'PROD_NEWS' }],
    ['the other', { securityCategory: 'SEC_SPAM_OTHER', ttl: 0 }, { securityCategory: 'SEC_SPAM_OTHER', ttl: 0 }],
    ['nothing at all', {}, {}],
    ['nulls, numbers and lists', { productivityCategory: null, securityCategory: 7, riskLevel: ['HIGH'], ttl: null, requestId: {} }, {}],
    ['blanks', { productivityCategory: '  ', riskLevel: '' }, {}],
    ['a life as text', { ttl: '60' }, { ttl: 60 }],
    ['a life that is none', { ttl: -5 }, {}],
    ['a life beyond numbers', { ttl: 'NaN' }, {}],
    ['words that would move a cursor', { riskLevel: '\u001b[2JHIGH\r\nx\u202e' }, { riskLevel: '[2JHIGH x' }],
    ['a word without end', { riskLevel: 'x'.repeat(100_000) }, { riskLevel: 'x'.repeat(200) }],
  ])('may have %s', async (_what, body, read) => {
    bench.far.intercept = ({ target }) => (target.startsWith('/lookup') ? { body } : null);
    const { lookedUpAt: _at, ...found } = await bench.client().url('example.com');
    expect(found).toEqual({ kind: 'url', input: 'example.com', cached: false, ...read });
  });

  it('may come with keys that mean something to JavaScript, which mean nothing here', async () => {
    bench.far.intercept = ({ target }) => (target.startsWith('/lookup') ? { body: '{"__proto__":{"riskLevel":"TRUSTED"},"constructor":1,"ttl":9}' } : null);
    const found = await bench.client().url('example.com');
    expect(found.riskLevel).toBeUndefined();
    expect(Object.getPrototypeOf(found)).toBe(Object.prototype);
  });

  it('is read whatever type it claims to have, with a byte order mark too', async () => {
    bench.far.intercept = ({ target }) =>
      target.startsWith('/lookup') ? { body: '\uFEFF{"riskLevel":"LOW"}', headers: { 'content-type': 'text/html' } } : null;
    expect((await bench.client().url('example.com')).riskLevel).toBe('LOW');
  });

  it.each([
    ['a page', '<html>Welcome</html>'],
    ['half of it', '{"riskLevel":"LO'],
    ['a list', '[]'],
    ['a null', 'null'],
    ['nothing', ''],
    ['an error in disguise', '{"error":"internal","message":"sorry"}'],
  ])('is never taken from %s', async (_what, body) => {
    bench.far.intercept = ({ target }) => (target.startsWith('/lookup') ? { body } : null);
    expect(await failure(bench.client().url('example.com'))).toMatchObject({ kind: 'transient', code: 'intelix.bad-body', status: 200 });
  });
});

describe('the answer for an IP address', () => {
  it.each([
    ['a list', { category: ['malware', 'botnet'] }, ['malware', 'botnet']],
    ['one word', { category: 'isp_mta' }, ['isp_mta']],
    ['nothing', {}, []],
    ['an empty list', { category: [] }, []],
    ['null', { category: null }, []],
    ['an object', { category: { malware: true } }, []],
    ['words among other things, some twice', { category: ['bot', 7, null, ['x'], '', 'bot', 'new_one'] }, ['bot', 'new_one']],
    ['a list without end', { category: Array.from({ length: 5000 }, (_, at) => `c${at}`) }, Array.from({ length: 100 }, (_, at) => `c${at}`)],
  ])('may have %s', async (_what, body, categories) => {
    bench.far.known.set('192.0.2.1', body);
    expect(await bench.client().ip('192.0.2.1')).toMatchObject({ kind: 'ip', input: '192.0.2.1', categories });
  });
});

describe('the answer for a file', () => {
  it.each([
    [0, 'malware'],
    [19, 'malware'],
    [20, 'pua'],
    [29, 'pua'],
    [30, 'unknown'],
    [69, 'unknown'],
    [70, 'good'],
    [100, 'good'],
  ])('with score %i is %s', async (reputationScore, band) => {
    bench.far.known.set(hash, { reputationScore, detectionName: 'Mal/Test-A' });
    expect(await bench.client().file(hash)).toMatchObject({ kind: 'file', input: hash, reputationScore, band, detectionName: 'Mal/Test-A' });
  });

  it.each([-1, 101, Number.NaN, null, 'bad', [50]])('with a score that is none (%s) is unknown', async (reputationScore) => {
    bench.far.known.set(hash, { reputationScore });
    const found = await bench.client().file(hash);
    expect(found.band).toBe('unknown');
    expect(found.reputationScore).toBeUndefined();
  });

  it('that nobody knows is a result, not an error', async () => {
    const found = await bench.client().file(hash);
    expect(found).toMatchObject({ kind: 'file', band: 'unknown', cached: false, requestId: 'r-404' });
    expect(found.reputationScore).toBeUndefined();
    bench.far.failNext('/lookup/files', { status: 404 });
    expect(await bench.client().file(hash)).toMatchObject({ band: 'unknown' });
  });

  it('is an error when the host knows no such route', async () => {
    bench.far.failNext('/lookup/files', { status: 404, body: '<h1>nginx</h1>' });
    expect(await failure(bench.client().file(hash))).toMatchObject({ kind: 'rejected', code: 'intelix.not-found', advice: expect.stringContaining('region') });
  });
});

describe('an address that nobody knows', () => {
  it.each([{ error: 'notFound', requestId: 'r-404' }, undefined])('may be a 404 (%j): a result without risk that is not kept', async (body) => {
    const client = bench.client();
    for (const _ of [1, 2]) {
      bench.far.failNext('/lookup/urls', { status: 404, ...(body ? { body } : {}) });
      bench.far.failNext('/lookup/ips', { status: 404, ...(body ? { body } : {}) });
      const url = await client.url('example.com');
      expect(url).toMatchObject({ kind: 'url', cached: false });
      expect(url.riskLevel).toBeUndefined();
      expect(await client.ip('192.0.2.1')).toMatchObject({ kind: 'ip', categories: [], cached: false });
    }
  });

  it('is an error when the host knows no such route', async () => {
    bench.far.failNext('/lookup/urls', { status: 404, body: '<h1>nginx</h1>' });
    expect(await failure(bench.client().url('example.com'))).toMatchObject({ kind: 'rejected', code: 'intelix.not-found' });
  });

  it('does not prove a host: the test of the credential wants an answer', async () => {
    bench.far.failNext('/lookup/urls', { status: 404, body: { error: 'x' } });
    expect(await failure(bench.client().test())).toMatchObject({ code: 'intelix.not-found', advice: expect.stringContaining('region') });
  });
});

describe('analysis', () => {
  it('hands a file over as a form, whatever is in it, and reads how far it is', async () => {
    const { far } = bench;
    const client = bench.client();
    far.intercept = ({ target }) => (target.startsWith('/analysis') ? { status: 202, body: { jobId: 'j/1', jobStatus: 'IN_PROGRESS' } } : null);
    const bytes = Buffer.concat([Buffer.from('\r\n--sophos-central-connector-'), Buffer.from(Uint8Array.from({ length: 256 }, (_, at) => at))]);
    expect(await client.analysis.submit('dynamic', bytes, { name: 'a"b\r\nc.exe' })).toEqual({ jobId: 'j/1', jobStatus: 'IN_PROGRESS' });
    const [asked] = far.lookups;
    expect(asked).toMatchObject({ method: 'POST', target: '/analysis/file/dynamic/v1' });
    // Read by a reader that is not ours.
    const form = await new Response(asked?.body, { headers: { 'content-type': String(asked?.headers['content-type']) } }).formData();
    const file = form.get('file');
    expect(file).toBeInstanceOf(File);
    expect(file instanceof File && Buffer.from(await file.arrayBuffer()).equals(bytes)).toBe(true);
    expect(file instanceof File && file.name).toBe('a"b\r\nc.exe');
  });

  it('finds a report by job and by hash', async () => {
    const { far } = bench;
    const client = bench.client();
    far.intercept = ({ target }) => (target.startsWith('/analysis') ? { body: { jobId: 'j', jobStatus: 'SUCCESS', report: { score: 3 } } } : null);
    expect(await client.analysis.report('static', { jobId: '../x y' })).toEqual({ jobId: 'j', jobStatus: 'SUCCESS', report: { score: 3 } });
    await client.analysis.report('dynamic', { sha256: hash.toUpperCase() });
    expect(far.lookups.map(({ target }) => target)).toEqual([
      '/analysis/file/static/v1/reports/..%2Fx%20y',
      `/analysis/file/dynamic/v1/reports?sha256=${hash}`,
    ]);
    for (const of of [{ jobId: '..' }, { jobId: '' }, { sha256: 'x' }])
      expect(await failure(client.analysis.report('static', of))).toMatchObject({ code: 'intelix.bad-input' });
  });

  it('is not submitted again when the answer was lost, and says when a file is too large', async () => {
    const { far } = bench;
    const client = bench.client({ retries: 3 });
    far.intercept = ({ target }) => (target.startsWith('/analysis') ? 'reset' : null);
    expect(await failure(client.analysis.submit('static', Buffer.from('x')))).toMatchObject({ code: 'http.reset' });
    expect(far.lookups).toHaveLength(1);
    far.intercept = ({ target }) => (target.startsWith('/analysis') ? { status: 413 } : null);
    expect(await failure(client.analysis.submit('static', Buffer.from('x')))).toMatchObject({ kind: 'rejected', code: 'intelix.too-large' });
  });
});
