/** A line of the action log: what it says, how it is written, and how it is read back. */
import type { Json } from '../../core/types.ts';

/** Who did it: a person on a machine, with a credential. */
export interface Actor {
  readonly user: string;
  readonly host: string;
  /** The account's name in the configuration. */
  readonly account: string;
  /** The first eight characters of the client id; empty for a legacy token. */
  readonly clientId: string;
}

/** What is acted on. */
export interface ActedOn {
  /** `alert`, `endpoint`, `local-site`. */
  readonly kind: string;
  readonly id: string;
  readonly name: string;
}

/** What a change is, before and after. */
export interface Deed {
  readonly tenant: { readonly id: string; readonly name: string };
  /** Central's or our word for it, such as `acknowledge` or `delete`. */
  readonly action: string;
  readonly object: ActedOn;
  /** What is needed to understand it, or to undo it. */
  readonly detail?: Json | undefined;
}

/**
 * One line: a change that is about to be sent (`begun`), or how it ended.
 *
 * Shape    `run` and `number` are the same in both lines of one change. A `begun` without an end was broken off: nobody knows.
 *          `outcome` is what Central answered, or for `failed` the word `unknown` when the answer was lost.
 */
export interface ActionLine extends Deed {
  /** ISO 8601, UTC. */
  readonly at: string;
  /** One for each time that a command was started. */
  readonly run: string;
  /** Of the change in its run, from 1. */
  readonly number: number;
  readonly who: Actor;
  readonly command: string;
  readonly state: 'begun' | 'done' | 'failed';
  readonly outcome?: Json | undefined;
  readonly correlationId?: string | undefined;
  readonly reason?: string | undefined;
}

/** JSON leaves these as they are; whoever looks at the file with a terminal is not to be misled by a name. */
const unseen = /[\u007f-\u009f\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;
/** Members that hold secrets, wherever they stand. */
const secretName = /password|secret|token|authorization/i;

/** The line as it is written, with its line end. Texts under a name such as `password` are left out, whoever put them there. */
export function textOf(line: ActionLine): string {
  const text = JSON.stringify(line, (name, value: unknown) => (typeof value === 'string' && secretName.test(name) ? '[secret]' : value));
  return `${text.replace(unseen, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)}\n`;
}

/** A line read back; `null` for one that is torn, or was never ours. */
export function lineOf(text: string): ActionLine | null {
  const fields = mapOf(parsed(text));
  const who = mapOf(fields?.who);
  const tenant = mapOf(fields?.tenant);
  const object = mapOf(fields?.object);
  const state = fields?.state;
  if (!fields || !who || !tenant || !object) return null;
  if (state !== 'begun' && state !== 'done' && state !== 'failed') return null;
  if (typeof tenant.id !== 'string' || typeof object.id !== 'string' || typeof fields.run !== 'string' || typeof fields.action !== 'string') return null;
  return {
    at: wordOf(fields.at),
    run: fields.run,
    number: typeof fields.number === 'number' ? fields.number : 0,
    who: { user: wordOf(who.user), host: wordOf(who.host), account: wordOf(who.account), clientId: wordOf(who.clientId) },
    command: wordOf(fields.command),
    tenant: { id: tenant.id, name: wordOf(tenant.name) },
    action: fields.action,
    object: { kind: wordOf(object.kind), id: object.id, name: wordOf(object.name) },
    state,
    ...(fields.detail === undefined ? {} : { detail: fields.detail }),
    ...(fields.outcome === undefined ? {} : { outcome: fields.outcome }),
    ...(typeof fields.correlationId === 'string' ? { correlationId: fields.correlationId } : {}),
    ...(typeof fields.reason === 'string' ? { reason: fields.reason } : {}),
  };
}

function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function mapOf(value: Json | undefined): { readonly [field: string]: Json | undefined } | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [field: string]: Json }) : null;
}

function wordOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
