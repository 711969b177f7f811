/** A configuration that is about to be written: by `init`, or by an import of what another tool had. */
import { link, open, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Document, isMap, isPair, isScalar, isSeq, type Node } from 'yaml';
import type { Tree } from '../config/source.ts';
import { Failure } from '../core/failure.ts';
import { usage } from './exit.ts';
import { visible } from './output/visible.ts';

/** The line that tells editors where the JSON Schema lies. */
export const schemaLine = (schema: string) => `yaml-language-server: $schema=${schema}`;

export interface Draft {
  /** Lines above everything else, without `#`. */
  readonly head: readonly string[];
  /** The configuration, its sections in the order in which they are written. */
  readonly tree: { readonly [section: string]: Tree };
  /** What stands above a key, by its dotted path, such as `sinks.archive.path`; line breaks begin new comment lines. */
  readonly comments?: Readonly<Record<string, string>>;
  /** What follows the last key: for example settings that could be added. */
  readonly tail?: readonly string[];
}

/** The draft as YAML. Short maps and lists stand on one line, as a person would write them. */
export function textOfDraft({ head, tree, comments = {}, tail = [] }: Draft): string {
  const document = new Document(tree);
  const walk = (node: Node | null, path: string): void => {
    if (isMap(node)) {
      for (const pair of node.items) {
        if (!isPair(pair) || !isScalar(pair.key)) continue;
        const at = path === '' ? String(pair.key.value) : `${path}.${String(pair.key.value)}`;
        const said = comments[at];
        if (said !== undefined) pair.key.commentBefore = commentOf(said.split('\n'));
        if (path === '' && pair !== node.items[0]) pair.key.spaceBefore = true;
        walk(pair.value as Node | null, at);
      }
      node.flow = path !== '' && isShort(node);
    } else if (isSeq(node)) {
      node.items.forEach((item, i) => void walk(item as Node | null, `${path}[${i}]`));
      // A list of maps grows by lines.
      node.flow = isShort(node) && !node.items.some((item) => isMap(item));
    }
  };
  walk(document.contents, '');
  const body = document.toString({ lineWidth: 0 });
  const above = head.length === 0 ? '' : `${remarks(head)}\n\n`;
  const below = tail.length === 0 ? '' : `\n${remarks(tail)}\n`;
  return `${above}${body}${below}`;
}

/** Names from outside stand in comments: what they hold that ends a line would begin configuration. */
function commentOf(lines: readonly string[]): string {
  return lines.map((line) => ` ${visible(line)}`).join('\n');
}

function remarks(lines: readonly string[]): string {
  return lines.map((line) => `# ${visible(line)}`.trimEnd()).join('\n');
}

/** Nothing commented inside, and short enough for one line. */
function isShort(node: Node): boolean {
  if (!isMap(node) && !isSeq(node)) return true;
  const hasComment = isMap(node) && node.items.some(({ key }) => isScalar(key) && key.commentBefore);
  const isNested = node.items.some((item) => {
    const value = isPair(item) ? item.value : item;
    return isMap(value) && value.items.length > 4;
  });
  return !hasComment && !isNested && JSON.stringify(node.toJSON()).length <= 110;
}

/**
 * Writes a configuration file: whole or not at all, readable by its owner only, never over another one.
 *
 * Throws   config `usage.exists` when there is a file and `replace` is false; transient `draft.unwritten` when it cannot be written.
 */
export async function writeDraft(file: string, text: string, { replace }: { readonly replace: boolean }): Promise<void> {
  const beside = join(dirname(file), `.${basename(file)}.${process.pid}`);
  try {
    await writeWhole(beside, text);
    // A link to it cannot take another file's place, whenever that came.
    if (replace) await rename(beside, file);
    else await link(beside, file).catch((error: NodeJS.ErrnoException) => claim(beside, file, error));
  } catch (error) {
    const { code = 'unknown', message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw thereAlready(file);
    throw new Failure('transient', 'draft.unwritten', `could not write ${file}: ${message} (${code})`, {
      cause: error,
      advice: 'Look at its folder: does it exist, and may this user write there?',
    });
  } finally {
    // What could be wrong with it has been told.
    await rm(beside, { force: true }).then(nothing, nothing);
  }
}

const nothing = () => undefined;

async function writeWhole(file: string, text: string): Promise<void> {
  // Of a process of this number that was killed; a link that somebody laid there is not followed either.
  await rm(file, { force: true });
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Where the file system knows no links, the place is taken with an empty file. */
async function claim(beside: string, file: string, error: NodeJS.ErrnoException): Promise<void> {
  if (!['EPERM', 'ENOSYS', 'ENOTSUP', 'EOPNOTSUPP', 'EMLINK', 'EACCES', 'EINVAL', 'UNKNOWN'].includes(error.code ?? '')) throw error;
  const handle = await open(file, 'wx', 0o600);
  await handle.close();
  await rename(beside, file).catch(async (failure: unknown) => {
    await rm(file, { force: true });
    throw failure;
  });
}

/** What is said of a configuration that may not be replaced. */
export function thereAlready(file: string): Failure {
  return usage('exists', `${file} is there already, and is not written over`, 'Name another file with `--config`, or say `--force`.');
}
