import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

export interface Block {
  readonly page: string;
  /** Of its first line of content. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

export interface Link {
  readonly page: string;
  readonly target: string;
}

/** A page of the documentation. */
export interface Page {
  /** From the root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  /** Without links into the web. */
  readonly links: readonly Link[];
  /** Text between back quotes outside of blocks. */
  readonly quoted: readonly string[];
  /** What a link may name behind `#`. */
  readonly anchors: ReadonlySet<string>;
}

/** Every page that a user or contributor may read. */
export function readPages(): Page[] {
  const paths = readdirSync(root).filter((name) => name.endsWith('.md'));
  for (const folder of ['docs', 'changes']) {
    for (const name of readdirSync(join(root, folder))) if (name.endsWith('.md')) paths.push(`${folder}/${name}`);
  }
  return paths.sort().map((path) => readPage(path));
}

export function readPage(path: string): Page {
  const text = readFileSync(join(root, path), 'utf8');
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { line: number; language: string; lines: string[] } | null = null;
  for (const [i, line] of text.split('\n').entries()) {
    const fence = /^\s*```(\w*)\s*$/.exec(line);
    if (!fence) (open ? open.lines : prose).push(line);
    else if (open) {
      blocks.push({ page: path, line: open.line, language: open.language, text: open.lines.join('\n') });
      open = null;
    } else open = { line: i + 2, language: fence[1] ?? '', lines: [] };
  }
  if (open) throw new Error(`${path}: the block of line ${open.line} is not closed`);
  const words = prose.join('\n');
  return {
    path,
    text,
    blocks,
    links: [...words.matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, target]) => ({ page: path, target: target as string }))
      .filter(({ target }) => !/^[a-z]+:/.test(target)),
    quoted: [...words.matchAll(/`([^`\n]+)`/g)].map(([, quoted]) => quoted as string),
    anchors: new Set(prose.flatMap((line) => /^#+ (.*)$/.exec(line)?.[1] ?? []).map(anchorOf)),
  };
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');
}

/** The rows of the table below a heading, cell by cell, without its head. */
export function tableBelow({ path, text }: Page, heading: string): string[][] {
  const section = text.split(`\n## ${heading}\n`)[1]?.split('\n## ')[0];
  if (section === undefined) throw new Error(`${path} has no section "${heading}"`);
  const rows = section.split('\n').filter((line) => line.startsWith('|'));
  return rows.slice(2).map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

/** Command lines of blocks, without comments and what follows a pipe or redirection; the help of the program is none. */
export function commandLines(pages: readonly Page[], program: string): { readonly page: string; readonly words: readonly string[] }[] {
  const lines = pages.flatMap(({ path, blocks, quoted }) => [
    ...blocks
      .filter(({ language }) => ['sh', 'ini', ''].includes(language) || (language === 'text' && path !== 'docs/commands.md'))
      .flatMap(({ text }) => text.split('\n').map((line) => ({ page: path, line }))),
    ...quoted.map((line) => ({ page: path, line })),
  ]);
  return lines.flatMap(({ page, line }) => {
    const found = new RegExp(`(?:^|[\\s=]|/bin/)${program} +(.*)$`).exec(line.replace(/\s#.*$/, '').replace(/[|>].*$/, ''))?.[1];
    if (found === undefined) return [];
    const words = [...found.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map((word) => word[1] ?? word[2] ?? word[3] ?? '');
    return [{ page, words }];
  });
}
