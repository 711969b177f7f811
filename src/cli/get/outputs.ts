/** Where the records of `get` go: standard output, a folder with one file per tenant, or a sink. */
import { resolve } from 'node:path';
import type { Plan } from '../../config/plan.ts';
import type { CommandContext } from '../command.ts';
import { usage } from '../exit.ts';
import type { Showing } from '../output/columns.ts';
import { parseFields } from '../output/fields.ts';
import { openTenantFile, type TenantFile } from '../output/folder.ts';
import { openRecordOutput, type RecordOutput, type RecordOutputOptions, recordOutputs } from '../output/records.ts';
import type { GetOutput, Took } from './output.ts';
import { openSinkOutput } from './sink-output.ts';

export interface OutputOptions {
  readonly output?: string;
  readonly fields?: string;
  readonly outDir?: string;
}

/** What makes an output the same the next time. */
export function identityOf(cwd: string, output: string, outDir: string | undefined): string {
  if (output.startsWith('sink:')) return output;
  return outDir === undefined ? `stdout:${output}` : `dir:${resolve(cwd, outDir)}:${output}`;
}

/** How somebody would type it. */
export function optionsOfIdentity(identity: string): string {
  if (identity.startsWith('stdout:')) return `--output ${identity.slice('stdout:'.length)}`;
  const [, folder, output] = /^dir:(.*):([^:]*)$/s.exec(identity) ?? [];
  return folder === undefined ? `--output ${identity}` : `--out-dir ${folder} --output ${output}`;
}

/**
 * Opens what `--output`, `--out-dir` and `--fields` ask for.
 *
 * Throws   config `usage.output` and its like, before anything is read.
 */
export async function openGetOutput(context: CommandContext, plan: Plan, stream: string, showing: Showing, options: OutputOptions): Promise<GetOutput> {
  const output = options.output ?? defaultOutput(context, plan, options);
  const fields = options.fields === undefined ? null : parseFields(options.fields);
  if (output.startsWith('sink:')) {
    if (options.outDir !== undefined) throw usage('output', '`--out-dir` and `--output sink:...` exclude each other', 'Use one of them.');
    if (fields) throw usage('fields', 'a sink gets whole records: `--fields` cannot be used with it', 'Leave `--fields` out.');
    return openSinkOutput(context, plan, output.slice('sink:'.length));
  }
  const form: RecordOutputOptions = {
    output,
    fields,
    width: context.isTty && options.outDir === undefined ? (context.stdout.columns ?? 100) : undefined,
    color: context.color && options.outDir === undefined,
    showing,
    warn: context.warn,
  };
  // A wrong form is told now, not when the first tenant has been read.
  openRecordOutput(stream, form, async () => undefined);
  return options.outDir === undefined ? printedOutput(context, stream, form) : folderOutput(context.cwd, options.outDir, stream, form);
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
  const printed = new Map<Took, number>();
  // Tenants are read side by side; their pages are written one after the other.
  let turn: Promise<void> = Promise.resolve();
  return {
    identity: identityOf(context.cwd, form.output, undefined),
    refused: 0,
    begin: async (origin, took) => ({
      async write(records, upTo) {
        turn = turn.then(() => shared.write(records, origin));
        await turn;
        printed.set(took, upTo);
      },
      end: async () => undefined,
      drop: async () => undefined,
    }),
    async end() {
      await shared.end();
      if (printed.size > 0) await flushed(context);
      for (const [took, upTo] of printed) await took(upTo);
    },
    close: async () => undefined,
  };
}

/** Resolves when standard output holds nothing back; throws what the end of a pipe says. */
async function flushed({ stdout, signal }: CommandContext): Promise<void> {
  const error = await new Promise<Error | null | undefined>((resolve) => stdout.write('', resolve));
  // Who hears of the same error aborts the signal, with a better reason.
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
  if (error) throw error;
}

function folderOutput(cwd: string, outDir: string, stream: string, form: RecordOutputOptions): GetOutput {
  const folder = resolve(cwd, outDir);
  return {
    identity: identityOf(cwd, form.output, outDir),
    refused: 0,
    async begin(origin, took) {
      let file: TenantFile | null = null;
      let output: RecordOutput | null = null;
      let last = 0;
      const begin = async () => {
        file ??= await openTenantFile(folder, origin.tenant, form.output);
        output ??= openRecordOutput(stream, form, file.write);
        return output;
      };
      return {
        async write(records, upTo) {
          await (await begin()).write(records, origin);
          last = upTo;
        },
        async end() {
          await (await begin()).end();
          await file?.keep();
          await took(last);
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
