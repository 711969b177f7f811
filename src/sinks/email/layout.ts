/** A letter as plain text and as HTML. Every word of a record was made harmless before (facts.ts); here it is escaped. */
import type { Fact } from './facts.ts';
import type { Letter } from './letter.ts';
import { escapeHtml } from './words.ts';

export function asText({ headline, totals, tenants, more, footer }: Letter): string {
  const lines = [headline, '', ...totals.map(({ title, text }) => `${title}: ${text}`)];
  for (const { name, count, facts } of tenants) {
    const title = `${name} (${facts.length === count ? count : `${facts.length} of ${count}`})`;
    lines.push('', title, '='.repeat(Math.min(72, [...title].length)));
    for (const fact of facts) lines.push('', ...textOf(fact));
  }
  if (more !== null) lines.push('', more);
  // A line that is `-- ` alone begins the signature in every mail program.
  return `${[...lines, '', '-- ', footer].join('\n')}\n`;
}

function textOf({ time, severity, type, host, user, name }: Fact): string[] {
  const first = [time, severity, type].filter((part) => part !== '').join('  ');
  const rest = [
    ['host', host],
    ['user', user],
    ['name', name],
  ] as const;
  return [first || '(a record that cannot be read)', ...rest.filter(([, value]) => value !== '').map(([title, value]) => `  ${title}  ${value}`)];
}

const colours: Readonly<Record<string, string>> = { critical: '#8b0000', very_high: '#b3261e', high: '#b3261e', medium: '#9a6700', low: '#1a5fb4' };
const font = 'font-family:system-ui,-apple-system,Segoe UI,Roboto,Helvetica,Arial,sans-serif;font-size:14px;color:#1f2328';
const cell = 'padding:4px 8px;border:1px solid #d0d7de;text-align:left;vertical-align:top';
const columns: readonly (readonly [title: string, pick: (fact: Fact) => string])[] = [
  ['Time', ({ time }) => time],
  ['Severity', ({ severity }) => severity],
  ['Type', ({ type }) => type],
  ['Host', ({ host }) => host],
  ['User', ({ user }) => user],
  ['Name', ({ name }) => name],
];

/** Without images, links, scripts or anything else that a mail program would fetch or run. */
export function asHtml({ headline, totals, tenants, more, footer }: Letter): string {
  const head = columns.map(([title]) => `<th style="${cell};background:#f6f8fa">${title}</th>`).join('');
  const body = tenants.map(({ name, count, facts }) => {
    const shown = facts.length === count ? `${count}` : `${facts.length} of ${count}`;
    const rows = facts.map((fact) => `<tr>${columns.map(([title, pick]) => cellOf(title, pick(fact))).join('')}</tr>`).join('\n');
    return `<h3 style="margin:16px 0 4px"><bdi>${escapeHtml(name)}</bdi> (${shown})</h3>
<table style="border-collapse:collapse;${font}"><thead><tr>${head}</tr></thead><tbody>
${rows}
</tbody></table>`;
  });
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Sophos Central</title></head><body style="${font}">
<h2 style="margin:0 0 8px"><bdi>${escapeHtml(headline)}</bdi></h2>
<p>${totals.map(({ title, text }) => `<b>${title}:</b> <bdi>${escapeHtml(text)}</bdi>`).join('<br>\n')}</p>
${body.join('\n')}
${more === null ? '' : `<p><b>${escapeHtml(more)}</b></p>\n`}<p style="color:#656d76;font-size:12px">${escapeHtml(footer)}</p>
</body></html>
`;
}

function cellOf(title: string, value: string): string {
  const colour = title === 'Severity' && Object.hasOwn(colours, value) ? `;color:${colours[value]};font-weight:bold` : '';
  // Each value by itself: what is written from right to left must not turn its neighbours round.
  return `<td style="${cell}${colour}"><bdi>${escapeHtml(value)}</bdi></td>`;
}
