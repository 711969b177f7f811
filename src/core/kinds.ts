/** What a component of a kind declares: its name, its options and how it is opened. */
import type { Format, Sink, Tenant } from './types.ts';
import type { World } from './world.ts';

export interface Schema<T> {
  parse(value: unknown): T;
}

export interface SinkKind<O> {
  readonly name: string;
  readonly summary: string;
  readonly options: Schema<O>;
  /** What its sinks say of themselves (`Sink.unconfirmed`), for those who do not open one. */
  readonly unconfirmed?: boolean;
  open(options: O, world: World, at: SinkPlace): Promise<Sink>;
}

/** Where a sink stands. */
export interface SinkPlace {
  /** The sink's name in the configuration. */
  readonly name: string;
  /** Relative paths start here: the configuration file's folder. */
  readonly folder: string;
  /** Names of tenants' folders and the like that must stay the same for ever are kept here by the engine. */
  readonly names: TenantNames;
}

/** A safe and unique name for each tenant, stable for ever (product: "Files"). */
export interface TenantNames {
  of(tenant: Tenant): string;
}

export interface FormatKind<O> {
  readonly name: string;
  readonly summary: string;
  readonly options: Schema<O>;
  open(options: O): Format;
}

/** Declares a sink kind; the option type is inferred from the schema. */
export function defineSink<O>(kind: SinkKind<O>): SinkKind<O> {
  return kind;
}

/** Declares a format kind; the option type is inferred from the schema. */
export function defineFormat<O>(kind: FormatKind<O>): FormatKind<O> {
  return kind;
}
