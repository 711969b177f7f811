import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { Parcel, Sink } from '../../src/core/types.ts';
import { readKeys, readRegion } from '../../src/sinks/s3/credentials.ts';
import { bucketUrlOf, options, type S3Options } from '../../src/sinks/s3/options.ts';
import { s3 } from '../../src/sinks/s3.ts';
import { errorXml, type S3, type S3Ways, startS3 } from '../far-ends/s3.ts';
import { jsonLines, noon, parcelOf, type SectionPlan } from '../laws/parcels.ts';
import { type Around, failureOf, opening, openWebSink, type Written } from './web-world.ts';

const keep = opening();
afterEach(() => keep.closeAll());
const never = new AbortController().signal;
const keys = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'hunter2-secret-access-key' };
const parcel = parcelOf([{ tenant: 't1', items: jsonLines('t1', 3) }]);

async function start(written: Written = {}, ways: Partial<S3Ways> = {}, around: Around = {}): Promise<{ far: S3; sink: Sink }> {
  const far = keep(await startS3({ bucket: 'logs', ...keys, ...ways }));
  return { far, sink: keep(await openWebSink(s3, { bucket: 'logs', endpoint: far.url, ...keys, ...written }, around)) };
}

const answers = [
  [200, '<html>', 'config', 's3.not-s3'],
  [204, '', 'config', 's3.not-s3'],
  [301, errorXml('PermanentRedirect', 'must be addressed using the specified endpoint'), 'config', 's3.region'],
  [302, '<html>', 'config', 's3.not-s3'],
  [307, errorXml('TemporaryRedirect', 'Please re-send'), 'config', 's3.region'],
  [400, errorXml('AuthorizationHeaderMalformed', 'the region is wrong'), 'config', 's3.region'],
  [400, errorXml('ExpiredToken', 'The provided token has expired.'), 'auth', 's3.credentials'],
  [400, errorXml('InvalidStorageClass', 'not valid'), 'config', 's3.refused'],
  [400, errorXml('KMS.DisabledException', 'is disabled'), 'config', 's3.encryption'],
  [400, errorXml('BadDigest', 'did not match'), 'transient', 's3.damaged'],
  [400, errorXml('RequestTimeout', 'not read from'), 'transient', 's3.busy'],
  [400, errorXml('EntityTooLarge', 'too large'), 'rejected', 's3.too-large'],
  [400, errorXml('SomethingNew', 'never heard of'), 'config', 's3.refused'],
  [400, 'nginx', 'config', 's3.not-s3'],
  [401, '', 'auth', 's3.credentials'],
  [403, errorXml('SignatureDoesNotMatch', 'does not match'), 'auth', 's3.credentials'],
  [403, errorXml('InvalidAccessKeyId', 'does not exist'), 'auth', 's3.credentials'],
  [403, errorXml('AccessDenied', 'Access Denied'), 'auth', 's3.forbidden'],
  [403, errorXml('RequestTimeTooSkewed', 'too large'), 'config', 's3.clock'],
  [403, '', 'auth', 's3.forbidden'],
  [404, errorXml('NoSuchBucket', 'does not exist'), 'config', 's3.bucket'],
  [404, '<html>', 'config', 's3.not-s3'],
  [409, errorXml('OperationAborted', 'in progress'), 'transient', 's3.busy'],
  [411, errorXml('MissingContentLength', 'You must provide'), 'transient', 's3.damaged'],
  [413, '', 'rejected', 's3.too-large'],
  [429, '', 'transient', 's3.busy'],
  [500, errorXml('InternalError', 'We encountered'), 'transient', 's3.unavailable'],
  [503, errorXml('SlowDown', 'Please reduce'), 'transient', 's3.busy'],
  [507, errorXml('XMinioStorageFull', 'Storage backend'), 'transient', 's3.unavailable'],
] as const;

describe('an answer of S3', () => {
  it.each(answers)('with status %i and %s is %s %s', async (status, body, kind, code) => {
    const { far, sink } = await start();
    far.faults.push({ status, body });
    const failure = await failureOf(sink.deliver(parcel, never));
    expect(failure).toMatchObject({ kind, code });
    expect(failure.message).toMatch(/^putting sophos\/t1\/events\/2026-03-01\/000000000001-[0-9a-f]{12}\.ndjson\.gz into bucket logs failed: HTTP /);
    expect(failure.advice).toBeTruthy();
  });

  it('to a clock that is wrong tells both clocks', async () => {
    const { sink } = await start({}, { now: () => noon }, { clock: { ...systemClock, now: () => noon + 3_600_000 } });
    expect(await failureOf(sink.deliver(parcel, never))).toMatchObject({
      code: 's3.clock',
      message: expect.stringContaining('our clock says 2026-03-01T11:00:00.000Z, theirs 2026-03-01T10:00:00.000Z'),
    });
  });

  it('to the wrong region names the right one', async () => {
    const { sink } = await start({ region: 'eu-west-1' });
    expect(await failureOf(sink.deliver(parcel, never))).toMatchObject({ code: 's3.region', message: expect.stringContaining('region us-east-1') });
    const { far, sink: other } = await start();
    far.faults.push({ status: 301, headers: { 'x-amz-bucket-region': 'eu-central-1' }, body: errorXml('PermanentRedirect', 'elsewhere') });
    expect((await failureOf(other.deliver(parcel, never))).message).toContain('the bucket is in region eu-central-1');
  });
});

describe('a check of S3', () => {
  it('passes for keys that may list, and for keys that may only write', async () => {
    expect(await (await start()).sink.check(never)).toMatch(/^bucket logs is there/);
    expect(await (await start({}, { mayList: false })).sink.check(never)).toMatch(/^bucket logs answers/);
  });

  it('fails for a wrong bucket, wrong keys and what is no S3', async () => {
    expect(await failureOf((await start({ bucket: 'others' })).sink.check(never))).toMatchObject({ kind: 'config', code: 's3.bucket' });
    expect(await failureOf((await start({ secretAccessKey: 'wrong-hunter2' })).sink.check(never))).toMatchObject({ code: 's3.credentials' });
    expect(await failureOf((await start({ accessKeyId: 'AKIAOTHER' })).sink.check(never))).toMatchObject({ code: 's3.credentials' });
  });
});

describe('the objects of S3', () => {
  const day = 86_400_000;

  it('lie in folders by tenant, stream and day, with names that no tenant can forge', async () => {
    const { far, sink } = await start({ prefix: 'a b/{tenant.name}/{tenant.label.x}/{stream}/{date}' });
    const items = [
      { line: '{"n":1}', time: noon },
      { line: '{"n":2}', time: noon + day },
      { line: '{"n":3}', time: noon },
    ];
    await sink.deliver(parcelOf([{ tenant: 't', name: '../ü/$+&?#%', labels: { x: '..' }, after: 41, items }]), never);
    const plain = [...far.objects].map(([key, { text }]) => [key.replace(/[0-9a-f]{12}\.nd/, 'X.nd'), text]);
    expect(plain).toEqual([
      ['a b/___ü_$+&_#%/__/events/2026-03-01/000000000042-X.ndjson.gz', '{"n":1}\n{"n":3}\n'],
      ['a b/___ü_$+&_#%/__/events/2026-03-02/000000000043-X.ndjson.gz', '{"n":2}\n'],
    ]);
  });

  it('carry what the options say', async () => {
    const { far, sink } = await start({
      encryption: 'aws:kms',
      kmsKeyId: 'arn:aws:kms:1',
      storageClass: 'STANDARD_IA',
      acl: 'bucket-owner-full-control',
      gzip: false,
    });
    await sink.deliver(parcelOf([{ tenant: 't', json: false, items: ['a\nb', 'c'] }]), never);
    const [[key, object] = []] = [...far.objects];
    expect(key).toMatch(/\.log$/);
    expect(object?.text).toBe('a b\nc\n');
    expect(object?.headers).toMatchObject({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'arn:aws:kms:1',
      'x-amz-storage-class': 'STANDARD_IA',
      'x-amz-acl': 'bucket-owner-full-control',
      'content-type': 'text/plain; charset=utf-8',
    });
    expect(object?.headers['content-encoding']).toBeUndefined();
  });

  it('of another route, of a retried dead letter and of a new state never take the place of these', async () => {
    const { far, sink } = await start();
    const plan: SectionPlan = { tenant: 't', items: ['{"id":1}'] };
    const [section] = parcelOf([plan]).sections;
    if (!section) throw new Error('no section');
    const [record] = section.records;
    if (!record) throw new Error('no record');
    const laterRecord = {
      ...record,
      seq: record.seq,
      key: record.key,
      time: record.time,
      json: record.json,
      utf8: record.utf8,
      fetchedAt: record.fetchedAt + 1,
    };
    const variants: Parcel[] = [
      { sections: [section] },
      parcelOf([{ ...plan, route: 'other' }]),
      { sections: [{ ...section, lane: { ...section.lane, stream: `retry/route/${section.lane.stream}` } }] },
      { sections: [{ ...section, records: [laterRecord] }] },
    ];
    for (const variant of variants) await sink.deliver(variant, never);
    expect(far.objects.size).toBe(variants.length);
  });

  it('that were put before another one failed are not put again, unless the parcel is cut anew', async () => {
    const { far, sink } = await start({ uploads: 1 });
    const plans = ['a', 'b'].map((tenant) => ({ tenant, items: jsonLines(tenant, 4) }));
    await sink.deliver(parcelOf([{ tenant: 'z', items: jsonLines('z', 1) }]), never);
    far.faults.push('lost-answer');
    await failureOf(sink.deliver(parcelOf(plans), never));
    far.faults.push({ status: 200, headers: { etag: '"1"' } }, 'reset');
    await failureOf(sink.deliver(parcelOf(plans), never));
    const before = far.requests.length;
    await sink.deliver(parcelOf(plans), never);
    expect(far.requests.length - before).toBe(1);
  });

  it('hold every record once, however parcels are cut anew after kills', async () => {
    const far = keep(await startS3({ bucket: 'logs', ...keys }));
    let round = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 30 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.boolean(), fc.nat(12)), { maxLength: 12 }),
        async (days, cuts) => {
          const tenant = `t${round++}`;
          const items = days.map((each, i) => ({ line: JSON.stringify({ tenant, n: i + 1 }), time: noon + each * day }));
          const sink = await openWebSink(s3, { bucket: 'logs', endpoint: far.url, ...keys });
          let offset = 0;
          // Delivered; whether it was settled before the process died is left to chance.
          for (const [size, settled, cut] of [...cuts, [items.length, true, 0] as const]) {
            const part = items.slice(offset, offset + size);
            // Numbers, keys and times of fetching are the same each time.
            // One lane may come in several sections.
            const plans = [
              { tenant, after: offset, items: part.slice(0, cut) },
              { tenant, after: offset + Math.min(cut, part.length), items: part.slice(cut) },
            ];
            if (part.length > 0) await sink.deliver(parcelOf(plans.filter((plan) => plan.items.length > 0)), never);
            if (settled) offset = Math.min(items.length, offset + size);
          }
          await sink.close();
          const mine = far.lines().filter((line) => line.includes(`"${tenant}"`));
          expect(mine.map((line) => (JSON.parse(line) as { n: number }).n).sort((a, b) => a - b)).toEqual(items.map((_, i) => i + 1));
        },
      ),
      { numRuns: 40 },
    );
  });
});

describe('the options of S3', () => {
  const of = (written: Written): S3Options => options.parse({ bucket: 'logs', ...written });

  it.each([
    [{}, 'eu-central-1', 'https://logs.s3.eu-central-1.amazonaws.com'],
    [{}, 'cn-north-1', 'https://logs.s3.cn-north-1.amazonaws.com.cn'],
    [{ bucket: 'logs.example' }, 'eu-central-1', 'https://s3.eu-central-1.amazonaws.com/logs.example'],
    [{ endpoint: 'https://minio:9000/' }, 'us-east-1', 'https://minio:9000/logs'],
    [{ endpoint: 'https://minio:9000', pathStyle: false }, 'us-east-1', 'https://logs.minio:9000'],
    [{ endpoint: 'https://x.example/storage/s3/' }, 'us-east-1', 'https://x.example/storage/s3/logs'],
  ])('%j in %s lead to %s', (written, region, url) => expect(bucketUrlOf(of(written), region)).toBe(url));

  it.each([
    { prefix: '/a' },
    { prefix: 'a//b' },
    { prefix: 'a/../{stream}' },
    { bucket: 'https://x' },
    { endpoint: 'https://a:b@c' },
    { accessKeyId: 'a' },
    { sessionToken: 'a' },
    { kmsKeyId: 'a' },
    { encryption: 'AES256', kmsKeyId: 'a' },
    { region: 'EU!' },
  ])('refuse %j', (written) => expect(() => of(written)).toThrow());

  it('or the environment give keys and region, and never one half each', async () => {
    const env = { AWS_ACCESS_KEY_ID: 'AKIAENV', AWS_SECRET_ACCESS_KEY: 'env-secret\n', AWS_SESSION_TOKEN: 'env-token', AWS_DEFAULT_REGION: 'eu-west-3' };
    const found = readKeys(of({}), env);
    expect([found.accessKeyId, found.secretAccessKey.reveal(), found.sessionToken?.reveal()]).toEqual(['AKIAENV', 'env-secret', 'env-token']);
    expect(readKeys(of({ accessKeyId: 'AKIAOWN', secretAccessKey: 'own' }), env)).toMatchObject({ accessKeyId: 'AKIAOWN' });
    expect(readKeys(of({ accessKeyId: 'AKIAOWN', secretAccessKey: 'own' }), env).sessionToken).toBeUndefined();
    expect(readRegion(of({}), env)).toBe('eu-west-3');
    expect(readRegion(of({ endpoint: 'https://minio' }), {})).toBe('us-east-1');
    for (const [read, code] of [
      [() => readKeys(of({}), { AWS_ACCESS_KEY_ID: 'AKIAENV' }), 's3.no-credentials'],
      [() => readRegion(of({}), {}), 's3.no-region'],
      [() => readKeys(of({}), { ...env, AWS_SECRET_ACCESS_KEY: 'a\r\nx: y' }), 'wire.secret-malformed'],
    ] as const)
      expect(await failureOf(Promise.resolve().then((): unknown => read()))).toMatchObject({ kind: 'config', code });
  });
});
