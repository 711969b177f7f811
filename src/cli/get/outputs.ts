/** Where the records of `get` go: standard output, a folder with one file per tenant, or a sink. */
import { resolve } from 'node:path';
import type { Plan } from '../../config/plan.ts';
import type { Origin, StreamRecord } from '../../core/types.ts';
import type { CommandContext } from '../command.ts';
import { usage } from '../exit.ts';
import { parseFields } from '../output/fields.ts';
import { openTenantFile, type TenantFile } from '../output/folder.ts';
import { openRecordOutput, type RecordOutput, type RecordOutputOptions, recordOutputs } from '../output/records.ts';
import { deliver, keepsMarks, openSinkNamed } from '../output/to-sink.ts';
import { visible } from '../output/visible.ts';

export interface OutputOptions {
  readonly output?: string;
  readonly fields?: string;
  readonly outDir?: string;
}

/** What one tenant's records go into. */
export interface TenantOutput {
  write(records: readonly StreamRecord[]): Promise<void>;
  /** All of this tenant's records are there. */
  end(): Promise<void>;
  /** They are not: what cannot be taken back stays. */
  drop(): Promise<void>;
}

export interface GetOutput {
  /** What makes this output the same the next time. */
  readonly identity: string;
  begin(origin: Origin): Promise<TenantOutput>;
  end(): Promise<void>;
  close(): Promise<void>;
  /** Records that a sink refused for good. */
  readonly refused: number;
}

/**
 * Opens what `--output`, `--out-dir` and `--fields` ask for.
 *
 * Throws   config `usage.output` and its like, before anything is read.
 */
export async function openGetOutput(context: CommandContext, plan: Plan, stream: string, options: OutputOptions): Promise<GetOutput> {
  const output = options.output ?? defaultOutput(context, plan, options);
  const fields = options.fields === undefined ? null : parseFields(options.fields);
  if (output.startsWith('sink:')) {
    if (options.outDir !== undefined) throw usage('output', '`--out-dir` and `--output sink:...` exclude each other', 'Use one of them.');
    if (fields) throw usage('fields', 'a sink gets whole records: `--fields` cannot be used with it', 'Leave `--fields` out.');
    return sinkOutput(context, plan, output.slice('sink:'.length));
  }
  const form: RecordOutputOptions = {
    output,
    fields,
    width: context.isTty && options.outDir === undefined ? (context.stdout.columns ?? 100) : undefined,
    color: context.color && options.outDir === undefined,
    warn: context.warn,
  };
  // A wrong form is told now, not when the first tenant has been read.
  openRecordOutput(stream, form, async () => undefined);
  return options.outDir === undefined ? printedOutput(context, stream, form) : folderOutput(resolve(context.cwd, options.outDir), stream, form);
}

function defaultOutput(context: CommandContext, plan: Plan, { outDir }: OutputOptions): string {
  if (outDir !== undefined) return 'json';
  if (!context.isTty) return 'ndjson';
  const wanted = plan.defaults.output;
  if (wanted.startsWith('sink:') || recordOutputs().includes(wanted)) return wanted;
  throw usage(
    'output',
    `\`defaults.output\` in ${plan.file ?? 'the configuration'} is \`${wanted}\`, which is not known`,
    `Use one of ${recordOutputs().join(', ')}.`,
  );
}

function printedOutput(context: CommandContext, stream: string, form: RecordOutputOptions): GetOutput {
  const shared: RecordOutput = openRecordOutput(stream, form, context.print);
  // Tenants are read side by side; their pages are written one after the other.
  let turn: Promise<void> = Promise.resolve();
  return {
    identity: `stdout:${form.output}`,
    refused: 0,
    begin: async (origin) => ({
      write(records) {
        turn = turn.then(() => shared.write(records, origin));
        return turn;
      },
      end: async () => undefined,
      drop: async () => undefined,
    }),
    end: () => shared.end(),
    close: async () => undefined,
  };
}

function folderOutput(folder: string, stream: string, form: RecordOutputOptions): GetOutput {
  return {
    identity: `dir:${folder}:${form.output}`,
    refused: 0,
    async begin(origin) {
      let file: TenantFile | null = null;
      let output: RecordOutput | null = null;
      const begin = async () => {
        file ??= await openTenantFile(folder, origin.tenant, form.output);
        output ??= openRecordOutput(stream, form, file.write);
        return output;
      };
      return {
        async write(records) {
          await (await begin()).write(records, origin);
        },
        async end() {
          await (await begin()).end();
          await file?.keep();
        },
        async drop() {
          await file?.drop();
        },
      };
    },
    end: async () => undefined,
    close: async () => undefined,
  };
}

async function sinkOutput(context: CommandContext, plan: Plan, name: string): Promise<GetOutput> {
  const { world, signal } = context;
  const open = await openSinkNamed(plan, name, world);
  if (keepsMarks(open.sink)) {
    await open.sink.close();
    throw usage('sink', `the sink \`${name}\` writes files whose ends only \`run\` knows`, 'Use `--out-dir`, or let `run` deliver there.');
  }
  await open.sink.resume(new Map(), signal);
  let turn: Promise<void> = Promise.resolve();
  let refused = 0;
  return {
    identity: `sink:${name}`,
    get refused() {
      return refused;
    },
    begin: async (origin) => ({
      write(records) {
        turn = turn.then(async () => {
          for (const { record, reason } of await deliver(open, records, origin, world, signal)) {
            refused++;
            context.warn(`the sink ${name} refused record ${visible(record.key)} of tenant ${origin.tenant.name}: ${reason}`);
          }
        });
        return turn;
      },
      end: async () => undefined,
      drop: async () => undefined,
    }),
    end: async () => undefined,
    close: () => open.sink.close(),
  };
}
