/** The ways in which a source of secrets says no. Each has one code; where it is config, the user meets it with the placeholder's place. */
import { Failure } from '../../core/failure.ts';

/** The name in the placeholder is none that can be asked for. */
export const wrongForm = (message: string, advice: string): Failure => new Failure('config', 'secret.form', message, { advice });

/** There is no such secret, or nothing usable in it. */
export const missing = (message: string, advice: string, cause?: unknown): Failure => new Failure('config', 'secret.missing', message, { advice, cause });

/** Whoever keeps the secret does not give it to us. */
export const refused = (message: string, advice: string, cause?: unknown): Failure => new Failure('config', 'secret.refused', message, { advice, cause });

/** We have nothing to identify ourselves with. */
export const noIdentity = (message: string, advice: string, cause?: unknown): Failure =>
  new Failure('config', 'secret.no-identity', message, { advice, cause });

/** What answers is not what was expected there. */
export const badAnswer = (message: string, advice: string): Failure => new Failure('config', 'secret.bad-answer', message, { advice });

/** It cannot serve us now: too many requests, sealed, starting, in trouble. */
export const busy = (message: string, retryAfterMs?: number): Failure =>
  new Failure('transient', 'secret.busy', message, {
    advice: 'Try again soon; if it goes on, look at the service that keeps the secret.',
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

/** It cannot be reached now. */
export const unreachable = (message: string, advice: string | undefined, cause?: unknown): Failure =>
  new Failure('transient', 'secret.unreachable', message, {
    advice: advice ?? 'Check the network, the address and a proxy in between, then try again.',
    cause,
  });

/** A failure that may pass, with the place in the configuration where it was met. */
export function placed(failure: Failure, message: string): Failure {
  return failure.code === 'secret.busy' ? busy(message, failure.retryAfterMs) : unreachable(message, failure.advice, failure.cause);
}
