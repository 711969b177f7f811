/** The page of calls is made from the forms: `npx vitest run --project unit test/docs -u` writes it anew. */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type KnownCall, knownCalls, refusedCalls } from '../../src/clients/central/calls.ts';
import { root } from './pages.ts';

const intro = `# Calls

Every call of the public APIs of Sophos Central that the [library](library.md) makes, by the name of its function. The ids in a
path come first, in their order; then the body, where the call has one; then the query, with \`signal\`.

- **pages** tells how a list is read, and the largest page that is known: by number, by key, by cursor, or all at once. What
  Central names as its largest page today is asked for from then on. A list is an async iterable, with \`all()\` and \`pages()\`.
- **changes** marks what may change something in Central. Such a call is never repeated by itself, unless it was certainly not
  carried out.`;

describe('the page of calls', () => {
  it('is what the client can do', async () => {
    const calls = knownCalls();
    const owners = [...new Set(calls.map(({ name }) => ownerOf(name)))];
    const sections = owners.map((owner) => `## ${titles[owner] ?? owner}\n\n${tableOf(calls.filter(({ name }) => ownerOf(name) === owner))}`);
    if (refusedCalls.length > 0) {
      const rows = refusedCalls.map(({ method, path, why }) => `| ${method} | \`${path}\` | ${why} |`);
      sections.push(['## Not made', '', '| method | path | why |', '| --- | --- | --- |', ...rows].join('\n'));
    }
    await expect(`${[intro, ...sections].join('\n\n')}\n`).toMatchFileSnapshot(join(root, 'docs/calls.md'));
  });
});

const titles: Readonly<Record<string, string>> = {
  central: 'The credential',
  'forTenant(t)': 'One tenant: `central.forTenant(t)`',
  partner: 'A partner: `central.partner`',
  organization: 'An organization: `central.organization`',
};

function ownerOf(name: string): string {
  const owner = name.split('.', 1)[0] as string;
  return owner in titles ? owner : 'central';
}

function tableOf(calls: readonly KnownCall[]): string {
  const rows = calls.map(
    ({ name, does, method, path, paging, changes }) =>
      `| \`${name.replace(/^(forTenant\(t\)|partner|organization)\./, '')}\` | ${does} | ${method} | \`${path}\` | ${pagesOf(paging)} | ${changes ? 'yes' : ''} |`,
  );
  return ['| function | does | method | path | pages | changes |', '| --- | --- | --- | --- | --- | --- |', ...rows].join('\n');
}

function pagesOf(paging: KnownCall['paging']): string {
  if (paging === null) return '';
  if (paging.style === 'none') return 'all at once';
  return `${paging.style === 'page' ? 'by number' : `by ${paging.style}`}, ${paging.size}`;
}
