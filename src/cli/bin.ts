#!/usr/bin/env node
import { homedir } from 'node:os';
import { interrupted } from './exit.ts';
import { main } from './main.ts';

/** `timeout`, npx and a terminal may each pass the same signal on: what comes within this time is one wish. */
const echoMs = 250;
const stop = new AbortController();
let isEcho = true;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    if (!stop.signal.aborted) {
      stop.abort(interrupted());
      setTimeout(() => {
        isEcho = false;
      }, echoMs).unref();
      return;
    }
    // The second one is from somebody who has waited long enough.
    if (!isEcho) process.exit(130);
  });
}

const { env, stdin, stdout, stderr } = process;
const code = await main(process.argv.slice(2), { env, cwd: process.cwd(), home: homedir(), stdin, stdout, stderr, signal: stop.signal });
// Whatever is still open must not keep the program; what was printed must first be out.
process.exitCode = code;
for (const stream of [stdout, stderr]) if (!stream.destroyed && stream.writableLength > 0) await new Promise((resolve) => stream.write('', resolve));
process.exit(code);
