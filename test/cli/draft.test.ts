import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { textOfDraft, writeDraft } from '../../src/cli/draft.ts';

async function folderFor(onTestFinished: (end: () => Promise<void>) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'draft-'));
  onTestFinished(async () => {
    await chmod(folder, 0o700);
    await rm(folder, { recursive: true });
  });
  return folder;
}

describe('the text of a configuration', () => {
  it.each(['\n', '\r', '\r\n', '\u0085', '\u2028', '\u2029', '\u001b[2J', '\ufeff'])('holds nothing of a comment with %j in it but the comment', (end) => {
    const evil = `a name${end}evil: \${env:HOME}${end}x`;
    const tree = { central: { clientId: 'id' }, sinks: { out: { type: 'file', path: 'x' } } };
    const text = textOfDraft({ head: [evil, 'second'], tree, comments: { sinks: `first\n${evil}`, 'sinks.out': evil, central: evil }, tail: [evil] });
    expect(parse(text)).toEqual(tree);
    const lines = text.split(/\r\n|[\n\r\u0085\u2028\u2029]/);
    for (const line of lines) expect(line).not.toMatch(/^\s*evil/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\ufeff\u2028\u2029]/);
  });

  it('gives back every text as it was, whatever YAML might take it for', () => {
    const odd = [
      'yes',
      '0x10',
      '1e3',
      'null',
      '~',
      '2026-01-01',
      '!!str x',
      '&a',
      '*a',
      '- a',
      '# c',
      'a: b',
      '"',
      "'",
      '\r',
      'a\nb: c',
      '\u2028',
      '%',
      '',
      ' x ',
      '...',
      '---',
    ];
    const tree = Object.fromEntries(odd.map((text, i) => [`k${i}`, { [text]: text, list: [text] }]));
    expect(parse(textOfDraft({ head: [], tree }))).toEqual(tree);
  });
});

describe('writing a configuration', () => {
  it('is done whole or not at all: nobody sees an empty file meanwhile', async ({ onTestFinished }) => {
    const folder = await folderFor(onTestFinished);
    const file = join(folder, 'c.yaml');
    const text = 'x'.repeat(16_000_000);
    const seen = new Set<number>();
    const state = { isOver: false };
    const watching = (async () => {
      while (!state.isOver) {
        const found = await stat(file).catch(() => null);
        if (found) seen.add(found.size);
      }
    })();
    await writeDraft(file, text, { replace: false });
    state.isOver = true;
    await watching;
    expect([...seen].filter((size) => size !== text.length)).toEqual([]);
    expect((await readFile(file)).length).toBe(text.length);
    expect(await readdir(folder)).toEqual(['c.yaml']);
    if (process.platform !== 'win32') expect((await stat(file)).mode & 0o777).toBe(0o600);
  });

  it('never takes the place of another file, nor follows a link that somebody laid', async ({ onTestFinished }) => {
    const folder = await folderFor(onTestFinished);
    const file = join(folder, 'c.yaml');
    const victim = join(folder, 'victim');
    await writeFile(victim, 'theirs');
    await writeFile(file, 'there');
    await expect(writeDraft(file, 'new', { replace: false })).rejects.toMatchObject({ code: 'usage.exists' });
    expect(await readFile(file, 'utf8')).toBe('there');
    if (process.platform === 'win32') return;
    await symlink(victim, join(folder, `.${basename(file)}.${process.pid}`));
    await writeDraft(file, 'new', { replace: true });
    expect(await readFile(file, 'utf8')).toBe('new');
    await rm(file);
    await symlink(victim, file);
    await expect(writeDraft(file, 'newer', { replace: false })).rejects.toMatchObject({ code: 'usage.exists' });
    await writeDraft(file, 'newer', { replace: true });
    expect(await readFile(victim, 'utf8')).toBe('theirs');
    expect((await readdir(folder)).sort()).toEqual(['c.yaml', 'victim']);
  });

  it('that fails leaves nothing behind', async ({ onTestFinished }) => {
    const folder = await folderFor(onTestFinished);
    await expect(writeDraft(join(folder, 'absent', 'c.yaml'), 'x', { replace: false })).rejects.toMatchObject({ code: 'draft.unwritten' });
    expect(await readdir(folder)).toEqual([]);
  });
});
