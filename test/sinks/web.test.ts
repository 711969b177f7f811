/** What the sinks that send requests share: trust, proxies, and what is remembered of half-taken parcels. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import type { SinkKind } from '../../src/core/kinds.ts';
import { textOf } from '../../src/core/pack.ts';
import { secret } from '../../src/core/secret.ts';
import { elasticsearch } from '../../src/sinks/elasticsearch.ts';
import { http } from '../../src/sinks/http.ts';
import { otlp } from '../../src/sinks/otlp.ts';
import { cleanOf } from '../../src/sinks/wire/answer.ts';
import { openTaken, recordsIn } from '../../src/sinks/wire/taken.ts';
import { startCluster } from '../far-ends/elasticsearch.ts';
import { startWebhook } from '../far-ends/http.ts';
import { startOtlp } from '../far-ends/otlp.ts';
import { startProxy } from '../far-ends/proxy.ts';
import { jsonLines, parcelOf } from '../laws/parcels.ts';
import { failureOf, opening, openWebSink } from './web-world.ts';

const keep = opening();
afterEach(() => keep.closeAll());
const never = new AbortController().signal;
const parcel = parcelOf([{ tenant: 't1', items: jsonLines('t1', 3) }]);

const kinds: readonly (readonly [SinkKind<unknown>, (ways: { tls?: { key: string; cert: string } }) => Promise<{ url: string; close(): Promise<void> }>])[] = [
  [http, startWebhook],
  [otlp, startOtlp],
  [elasticsearch, startCluster],
];

function certificate(): { folder: string; key: string; cert: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'web-'));
  keep({ close: async () => rmSync(folder, { recursive: true }) });
  const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', '-keyout', 'key.pem', '-out', 'cert.pem', ...subject], {
    cwd: folder,
    stdio: 'pipe',
  });
  return { folder, key: readFileSync(path.join(folder, 'key.pem'), 'utf8'), cert: readFileSync(path.join(folder, 'cert.pem'), 'utf8') };
}

describe.each(kinds.map(([kind, startFar]) => ({ name: kind.name, kind, startFar })))('$name', ({ kind, startFar }) => {
  it('trusts `caFile`, and calls any other certificate a matter of configuration, by its name', async () => {
    const { folder, key, cert } = certificate();
    const far = keep(await startFar({ tls: { key, cert } }));
    const trusting = keep(await openWebSink(kind, { url: far.url, caFile: path.join(folder, 'cert.pem') }));
    const other = keep(await openWebSink(kind, { url: far.url }));
    expect(await trusting.deliver(parcel, never)).toEqual({ refused: [] });
    const message = expect.stringContaining('subject CN=127.0.0.1; for IP Address:127.0.0.1; issuer CN=127.0.0.1; valid from');
    expect(await failureOf(other.deliver(parcel, never))).toMatchObject({ kind: 'config', code: 'http.tls', message });
    writeFileSync(path.join(folder, 'empty.pem'), 'nothing');
    for (const caFile of ['no-such-file.pem', path.join(folder, 'empty.pem')])
      expect(await failureOf(openWebSink(kind, { url: far.url, caFile }))).toMatchObject({ kind: 'config', code: 'wire.tls-file' });
  });

  it('goes through a proxy with its password', async () => {
    const far = keep(await startFar({}));
    const proxy = keep(await startProxy({ password: 'proxy-hunter2' }));
    const sink = keep(await openWebSink(kind, { url: far.url, proxy: proxy.url }));
    await sink.deliver(parcel, never);
    expect(proxy.requests).toHaveLength(1);
  });
});

describe('what was taken of a parcel', () => {
  it('is left out of what is sent again, byte for byte the rest, and forgotten when the parcel is over', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { minLength: 1, maxLength: 40 }), fc.nat(39), (flags, cut) => {
        const taken = openTaken();
        const lines = jsonLines('t', flags.length);
        const whole = parcelOf([{ tenant: 't', items: lines }]);
        const lane = { route: 'route', stream: 't/events' };
        for (const [i, flag] of flags.entries()) if (flag) taken.add(lane, i + 1);
        const left = (plan: Parameters<typeof parcelOf>[0]) =>
          taken.rest(parcelOf(plan)).sections.flatMap((section) => section.records.map((_, i) => Buffer.from(textOf(section.lines, i)).toString()));
        const wanted = lines.filter((_, i) => !flags[i]);
        const at = cut % (flags.length + 1);
        expect(left([{ tenant: 't', items: lines }])).toEqual(wanted);
        // Cut in two, as the engine does with a refused parcel.
        expect([...left([{ tenant: 't', items: lines.slice(0, at) }]), ...left([{ tenant: 't', after: at, items: lines.slice(at) }])]).toEqual(wanted);
        expect(left([{ tenant: 'other', items: lines }])).toEqual(lines);
        taken.forget(whole);
        expect(recordsIn(taken.rest(whole))).toBe(flags.length);
      }),
    );
  });
});

describe('the words of a far end', () => {
  it('never show a secret, wherever it stands and wherever they are cut', () => {
    const value = 'hunter2-0123456789-abcdefghij';
    fc.assert(
      fc.property(fc.nat(5000), fc.nat(300), (before, times) => {
        const said = cleanOf([secret(value)])(`${'x'.repeat(before)}${value.repeat(times)}`);
        expect(said).not.toContain(value.slice(0, 8));
        expect(said.length).toBeLessThan(130);
      }),
    );
  });
});
