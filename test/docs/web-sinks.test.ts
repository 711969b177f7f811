/** The pages of the sinks that send requests: what they show of the far side works, and no option is left out. */
import { spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { jsonSchemaOf, type z } from '../../src/core/schema.ts';
import { options as elasticsearchOptions } from '../../src/sinks/elasticsearch/options.ts';
import { options as httpOptions } from '../../src/sinks/http/options.ts';
import { http } from '../../src/sinks/http.ts';
import { options as otlpOptions } from '../../src/sinks/otlp/options.ts';
import { severityNumberOf } from '../../src/sinks/otlp/severity.ts';
import { jsonLines, parcelOf } from '../laws/parcels.ts';
import { failureOf, opening, openWebSink } from '../sinks/web-world.ts';
import { readPage, tableBelow } from './pages.ts';

const keep = opening();
afterEach(() => keep.closeAll());
const never = new AbortController().signal;

const pages: readonly (readonly [page: string, options: z.ZodType])[] = [
  ['docs/http.md', httpOptions],
  ['docs/otlp.md', otlpOptions],
  ['docs/elasticsearch.md', elasticsearchOptions],
];

describe.each(pages)('%s', (path, options) => {
  it('names every option, and no other', () => {
    const named = tableBelow(readPage(path), 'Options').flatMap(([cell = '']) => [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name));
    const { properties } = jsonSchemaOf(options) as { properties: object };
    expect(named.sort()).toEqual(Object.keys(properties).sort());
  });

  it('shows far sides that can at least be read', () => {
    const { blocks } = readPage(path);
    for (const { language, text } of blocks) {
      if (language === 'json') expect(() => JSON.parse(text) as unknown).not.toThrow();
      if (language === 'yml') expect(parse(text)).toBeTypeOf('object');
    }
    expect(blocks.length).toBeGreaterThan(1);
  });
});

describe('the receiver of docs/http.md', () => {
  const key = 'signing-key-0123456789';
  const parcel = parcelOf([{ tenant: 't1', items: jsonLines('t1', 3) }]);

  async function startReceiver(): Promise<{ url: string; said: () => string }> {
    const folder = await mkdtemp(join(tmpdir(), 'receiver-'));
    const port = await freePort();
    await writeFile(join(folder, 'receiver.mjs'), readPage('docs/http.md').blocks.find(({ language }) => language === 'js')?.text ?? '');
    const child = spawn(process.execPath, [join(folder, 'receiver.mjs')], { env: { HOOK_KEY: key, PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString();
    });
    keep({
      async close() {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill();
        await ended;
        await rm(folder, { recursive: true });
      },
    });
    const url = `http://127.0.0.1:${port}/`;
    for (let tries = 0; tries < 500; tries++) {
      const answered = await fetch(url, { method: 'POST' }).then(
        ({ status }) => status === 403,
        () => false,
      );
      if (answered) return { url, said: () => said };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('the receiver did not start');
  }

  it('takes what is signed rightly and freshly, and nothing else', async () => {
    const { url, said } = await startReceiver();
    const sign = { secret: key };
    await keep(await openWebSink(http, { url, sign })).deliver(parcel, never);
    await expect.poll(said).toBe('t1-1\nt1-2\nt1-3\n');
    const wrong = keep(await openWebSink(http, { url, sign: { secret: 'another-key' } }));
    const unsigned = keep(await openWebSink(http, { url }));
    const { systemClock } = await import('../../src/core/clock.ts');
    const old = keep(await openWebSink(http, { url, sign }, { clock: { ...systemClock, now: () => Date.now() - 600_000 } }));
    for (const sink of [wrong, unsigned, old]) expect(await failureOf(sink.deliver(parcel, never))).toMatchObject({ kind: 'auth' });
    expect(said()).toBe('t1-1\nt1-2\nt1-3\n');
  });
});

describe('docs/otlp.md', () => {
  it('says the numbers of severity as they are', () => {
    const rows = readPage('docs/otlp.md').text.matchAll(/^\| (`.*?)\| [^|]*\| (\d+) \(/gm);
    const told = [...rows].flatMap(([, words = '', number]) => [...words.matchAll(/`(\w+)`/g)].map(([, word]) => [word, Number(number)]));
    expect(told.length).toBeGreaterThan(5);
    expect(told).toEqual(told.map(([word]) => [word, severityNumberOf(String(word))]));
  });
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address ? address.port : 0;
}
