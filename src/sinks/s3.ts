/**
 * Amazon S3 and others that speak it: one object for each stream of a parcel, and each day of it.
 *
 * An object that is sent again is written over by itself, so even what was under way when the process died is there once: see
 * s3/objects.ts for the key. That holds as long as one parcel follows the other, so there is never more than one under way; the objects of
 * one parcel travel at once.
 */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import { Failure } from '../core/failure.ts';
import type { SinkPlace } from '../core/kinds.ts';
import { defineSink } from '../core/kinds.ts';
import type { Sink } from '../core/types.ts';
import type { World } from '../core/world.ts';
import { readKeys, readRegion } from './s3/credentials.ts';
import { compileObjectPlanner, contentOf, type ObjectPlan } from './s3/objects.ts';
import { bucketUrlOf, options, type S3Options } from './s3/options.ts';
import { hashOf, signed, uriEncode } from './s3/sigv4.ts';
import { type Asked, judgeList, judgePut } from './s3/status.ts';
import { openCourier } from './wire/courier.ts';

const gzip = promisify(gzipCallback);

/** Amazon S3, and others that speak it. */
export const s3 = defineSink({
  name: 's3',
  summary: 'Amazon S3 and others that speak it: compressed objects of lines',
  options,
  open,
});

async function open(given: S3Options, world: World, place: SinkPlace): Promise<Sink> {
  const { bucket, batch, uploads } = given;
  const region = readRegion(given, process.env);
  const keys = readKeys(given, process.env);
  const planner = compileObjectPlanner(given, place.names);
  const address = bucketUrlOf(given, region);
  const secrets = [keys.secretAccessKey, ...(keys.sessionToken ? [keys.sessionToken] : [])];
  // The objects are compressed by us, and not their way here.
  const courier = await openCourier({ ...given, url: address, headers: {}, secretHeaders: {}, gzip: false, secrets }, world, place);
  const always = headersOf(given);
  /** Objects of a parcel that failed: key -> what it holds. They are left out when it is sent again as it was. */
  const put = new Map<string, string>();
  const asked = (what: string): Asked => ({ what, clean: courier.clean, now: world.clock.now() });

  const letterOf = (method: 'PUT' | 'GET', path: string, headers: Readonly<Record<string, string>>, body: Uint8Array) => ({
    method,
    url: (base: string) => base + path,
    headers: {},
    body,
    seal: () => signed({ method, url: new URL(address + path), headers, payloadHash: hashOf(body), region, service: 's3', now: world.clock.now() }, keys),
  });

  async function upload(plan: ObjectPlan, signal: AbortSignal): Promise<void> {
    const { key, count, last, json } = plan;
    const holds = `${count}/${last}`;
    if (put.get(key) === holds) return;
    const content = contentOf(plan);
    const body = given.gzip ? await gzip(content) : content;
    const type = given.gzip ? 'application/gzip' : json ? 'application/x-ndjson' : 'text/plain; charset=utf-8';
    const headers = { 'content-type': type, ...always, ...checksumOf(given.checksum, body) };
    await courier.carry(
      letterOf('PUT', `/${key.split('/').map(uriEncode).join('/')}`, headers, body),
      (reply) => {
        const failure = judgePut(asked(`putting ${courier.clean(key)} into bucket ${bucket}`), reply);
        if (failure) throw failure;
      },
      signal,
    );
    put.set(key, holds);
  }

  return {
    limits: batch,
    inFlight: 1,
    async check(signal) {
      const what = asked(`asking for bucket ${bucket} at ${new URL(address).origin}`);
      // Some services want the slash after the bucket.
      const reply = await courier.ask(letterOf('GET', '/?list-type=2&max-keys=1', {}, Buffer.alloc(0)), address, signal);
      const failure = judgeList(what, reply);
      if (failure === null) return `bucket ${bucket} is there; whether we may write to it is seen at the first delivery`;
      // Who only writes may not list, and need not.
      if (failure.code !== 's3.forbidden') throw failure;
      return `bucket ${bucket} answers and knows the access key; whether it may write is seen at the first delivery`;
    },
    resume: async () => undefined,
    async deliver(parcel, signal) {
      signal.throwIfAborted();
      await inTurns(planner.plan(parcel), uploads, (plan) => upload(plan, signal));
      put.clear();
      return { refused: [] };
    },
    close: async () => undefined,
  };
}

/** So many at once. After a failure no further one begins, and those under way are awaited. */
async function inTurns<T>(all: readonly T[], most: number, work: (one: T) => Promise<void>): Promise<void> {
  const failures: unknown[] = [];
  let next = 0;
  const turn = async () => {
    for (let one = all[next++]; one !== undefined && failures.length === 0; one = all[next++])
      try {
        await work(one);
      } catch (error) {
        failures.push(error);
      }
  };
  await Promise.all(Array.from({ length: Math.min(most, all.length) }, turn));
  if (failures.length === 0) return;
  // The others may say less: a wish to wait, a missing right.
  throw failures.find((failure) => failure instanceof Failure && failure.kind !== 'transient') ?? failures[0];
}

function headersOf({ encryption, kmsKeyId, storageClass, acl }: S3Options): Record<string, string> {
  return {
    ...(encryption === undefined ? {} : { 'x-amz-server-side-encryption': encryption }),
    ...(kmsKeyId === undefined ? {} : { 'x-amz-server-side-encryption-aws-kms-key-id': kmsKeyId }),
    ...(storageClass === undefined ? {} : { 'x-amz-storage-class': storageClass }),
    ...(acl === undefined ? {} : { 'x-amz-acl': acl }),
  };
}

function checksumOf(checksum: S3Options['checksum'], body: Uint8Array): Record<string, string> {
  const digest = createHash(checksum).update(body).digest('base64');
  return checksum === 'md5' ? { 'content-md5': digest } : { 'x-amz-checksum-sha256': digest };
}
