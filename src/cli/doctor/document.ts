/** `doctor --json`: one document for support. Secrets are masked; tenants are named unless `--anonymous` is given. */
import { passwordIn } from '../../core/secret.ts';
import type { ExitCode } from '../exit.ts';
import type { Diagnosis } from './doctor.ts';
import { countsOf } from './finding.ts';
import { programFacts } from './program.ts';

export interface DocumentOptions {
  readonly anonymous: boolean;
  readonly code: ExitCode;
}

export function documentOf({ read, findings, rows, accounts, startedAt, tookMs }: Diagnosis, { anonymous, code }: DocumentOptions): unknown {
  const whole = {
    ...programFacts(),
    at: new Date(startedAt).toISOString(),
    tookMs,
    exitCode: code,
    summary: countsOf(findings),
    findings,
    rights: rows.map(({ account, tenant, streams }) => ({ account, tenant, streams: Object.fromEntries(streams) })),
    configurationFile: read.file,
    /** In force, with secrets masked; without what is wrong. */
    configuration: read.plan?.shown ?? null,
  };
  const secrets = secretsOf(read.plan);
  const names = anonymous ? pseudonyms(accounts.flatMap(({ tenants }) => tenants)) : [];
  return replaced(whole, [...secrets.map((secret) => [secret, '[secret]'] as const), ...names]);
}

/** None of them should stand anywhere; a last look costs nothing. */
function secretsOf(plan: Diagnosis['read']['plan']): readonly string[] {
  const found = (plan?.accounts ?? []).flatMap(({ credentials, via }) => {
    const password = passwordIn(via.proxy);
    const proxy = password === null ? [] : [password];
    if (credentials.kind === 'client') return [credentials.clientSecret.reveal(), ...proxy];
    return [credentials.token.apiKey.reveal(), credentials.token.authorization.reveal(), ...proxy];
  });
  return found.filter((each) => each.length >= 4);
}

/** `tenant-1`, `tenant-2` and so on for names and ids; the longest first, since one name may stand within another. */
function pseudonyms(tenants: readonly { readonly id: string; readonly name: string }[]): readonly (readonly [string, string])[] {
  const pairs = tenants.flatMap(({ id, name }, i) => [[name, `tenant-${i + 1}`] as const, [id, `tenant-${i + 1}-id`] as const]);
  return pairs.filter(([text]) => text.length >= 2).sort(([a], [b]) => b.length - a.length);
}

function replaced(value: unknown, pairs: readonly (readonly [string, string])[]): unknown {
  if (typeof value === 'string') return pairs.reduce((text, [found, instead]) => text.replaceAll(found, instead), value);
  if (Array.isArray(value)) return value.map((each) => replaced(each, pairs));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [pairs.reduce((text, [found, instead]) => text.replaceAll(found, instead), key), replaced(member, pairs)]),
  );
}
