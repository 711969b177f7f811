import type { Pace, Start } from './pace.ts';
import type { Tokens } from './tokens.ts';

/** A token in hand and a place in the budget, both at this moment: a wait for the one can outlast the other. */
export async function ready(tokens: Tokens, pace: Pace, signal: AbortSignal, tenantId?: string): Promise<{ readonly token: string; readonly start: Start }> {
  await tokens.get(signal);
  let start = await pace.take(signal, tenantId);
  for (;;) {
    const token = tokens.current();
    if (token !== null) return { token, start };
    start.landed();
    await tokens.get(signal);
    start = await pace.takeFirst(signal);
  }
}

/** The call is over, however it ends. */
export async function landing<T>(start: Start, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } finally {
    start.landed();
  }
}
