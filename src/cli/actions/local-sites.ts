/** Local sites: finding them, and changing them. */
import type { TenantCalls } from '../../clients/central/client.ts';
import type { LocalSite, LocalSiteChange, NewLocalSite, WebCategory } from '../../clients/central/shapes/web-control.ts';
import { didYouMean } from '../../config/suggest.ts';
import { CentralError } from '../../core/failure.ts';
import type { Json } from '../../core/types.ts';
import type { Target } from '../accounts.ts';
import type { Change, LeftOut } from './change.ts';
import { isId, someOf, wordOf } from './items.ts';
import type { ActedOn } from './log-line.ts';
import { callsOf } from './scope.ts';

/** Two addresses are of one site when they differ in nothing but the case of their host. */
export function siteKey(url: string): string {
  const [, scheme = '', host = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)(.*)$/is.exec(url.trim()) ?? [];
  return scheme.toLowerCase() + host.toLowerCase() + rest;
}

/** Everything that Central keeps of a site, without what it adds itself. */
export interface SiteContent {
  readonly url: string;
  readonly categoryId?: number;
  readonly tags?: readonly string[];
  readonly comment?: string;
}

export function contentOf({ url, categoryId, tags, comment }: LocalSite): SiteContent {
  return {
    url: wordOf(url),
    ...(typeof categoryId === 'number' ? { categoryId } : {}),
    ...(Array.isArray(tags) ? { tags: tags.filter((tag) => typeof tag === 'string') } : {}),
    ...(typeof comment === 'string' ? { comment } : {}),
  };
}

/** No tags and no comment are the same as empty ones. */
export function sameContent(a: SiteContent, b: SiteContent): boolean {
  const text = ({ url, categoryId, tags = [], comment = '' }: SiteContent) => JSON.stringify([siteKey(url), categoryId ?? null, tags, comment]);
  return text(a) === text(b);
}

/** The sites of a tenant, each once. */
export async function sitesOf(calls: TenantCalls, signal: AbortSignal): Promise<readonly LocalSite[]> {
  const found = new Map<string, LocalSite>();
  for await (const site of calls.localSites.list({ signal })) if (typeof site?.id === 'string') found.set(site.id, site);
  return [...found.values()];
}

/** Sites by the address or id that was typed. */
export function sitesNamed(sites: readonly LocalSite[], text: string): readonly LocalSite[] {
  if (isId(text)) return sites.filter(({ id }) => id.toLowerCase() === text.toLowerCase());
  return sites.filter(({ url }) => typeof url === 'string' && siteKey(url) === siteKey(text));
}

export async function categoriesOf(calls: TenantCalls, signal: AbortSignal): Promise<readonly WebCategory[]> {
  const all = await calls.webCategories.list({ signal }).all();
  return all.filter((each) => typeof each?.id === 'number');
}

/** The number of a category that was typed by name or number, or why it is none. */
export function categoryIdOf(categories: readonly WebCategory[], text: string): number | { readonly reason: string } {
  if (/^\d{1,6}$/.test(text)) {
    const found = categories.find(({ id }) => id === Number(text));
    return found ? found.id : { reason: `it has no web category ${text}` };
  }
  const wanted = text.trim().toLowerCase();
  const found = categories.find(({ name, label }) => name?.toLowerCase() === wanted || label?.toLowerCase() === wanted);
  if (found) return found.id;
  const names = categories.flatMap(({ name }) => (typeof name === 'string' ? [name] : []));
  return { reason: `it has no web category called \`${text}\`${suggestion(text, names)}` };
}

function suggestion(text: string, names: readonly string[]): string {
  const meant = didYouMean(text, names);
  return meant === undefined ? '' : `; ${meant}`;
}

/** A site, as the log and the tables name it. */
export function siteObject(site: { readonly id: string; readonly url?: string | null }): ActedOn {
  return { kind: 'local-site', id: site.id, name: wordOf(site.url) };
}

export function siteLeftOut(
  target: Target | null,
  action: string,
  site: { readonly id: string; readonly url?: string | null },
  reason: string,
  isFailure: boolean,
): LeftOut {
  return { tenant: target?.tenant ?? { id: '', name: '' }, action, object: siteObject(site), reason, isFailure };
}

/** Makes a site. It has no id before it is there. */
export function additionOf(target: Target, action: string, content: SiteContent): Change {
  const calls = callsOf(target);
  const body: NewLocalSite = content;
  return {
    target,
    action,
    object: siteObject({ id: '', url: content.url }),
    detail: { ...content } satisfies Json,
    perform: async (signal) => answerOf(await calls.localSites.create(body, { signal })),
    async look(signal) {
      const there = sitesNamed(await sitesOf(calls, signal), content.url);
      return there.length > 0 ? 'seen' : 'not seen';
    },
  };
}

/** Changes what is named in `change`; everything else stays. */
export function changeOf(target: Target, site: LocalSite, change: LocalSiteChange): Change {
  const { localSites } = callsOf(target);
  return {
    target,
    action: 'update',
    object: siteObject(site),
    present: presentOf(site),
    detail: { before: { id: site.id, ...contentOf(site) }, change: { ...change } satisfies Json },
    perform: async (signal) => answerOf(await localSites.update(site.id, change, { signal })),
    look: async (signal) => (isSo(await localSites.get(site.id, { signal }), change) ? 'seen' : 'not seen'),
  };
}

/** Is the site as the change wants it? */
export function isSo(site: LocalSite, change: LocalSiteChange): boolean {
  const before = contentOf(site);
  const after = contentOf({ ...site, ...change });
  return sameContent(before, after) && (change.url === undefined || change.url === site.url);
}

/** Deletes a site; `site` is all of it, for the log. */
export function deletionOf(target: Target, site: LocalSite): Change {
  const { localSites } = callsOf(target);
  return {
    target,
    action: 'delete',
    object: siteObject(site),
    present: presentOf(site),
    detail: { id: site.id, ...contentOf(site) },
    perform: async (signal) => someOf(await localSites.delete(site.id, { signal }), ['deleted']),
    async look(signal) {
      try {
        await localSites.get(site.id, { signal });
        return 'not seen';
      } catch (error) {
        if (error instanceof CentralError && error.status === 404) return 'seen';
        throw error;
      }
    },
  };
}

function presentOf({ categoryId, tags, comment }: LocalSite): string {
  const parts = [typeof categoryId === 'number' ? `category ${categoryId}` : '', Array.isArray(tags) ? tags.join(' ') : '', wordOf(comment)];
  return parts.filter((part) => part !== '').join(', ');
}

function answerOf(site: LocalSite): Json {
  return { ...(someOf(site, ['id']) as { readonly [name: string]: Json }), ...contentOf(site) };
}
