import type { Estate, SimulatedTenant, TenantRef } from './estate.ts';
import { randomFrom } from './random.ts';
import { bytes, type ErrorForms, empty, html, type Reply } from './reply.ts';
import { BadWish, listIn, numberIn, objectIn, onlyKeys, rateIn, textIn, textsIn, type Wish } from './wishes.ts';

/** What may go wrong with one request, by name. */
export const FAULT_KINDS = [
  '400',
  '401',
  '403',
  '404',
  '429',
  '429-retry-after',
  '429-empty',
  '500',
  '500-full',
  '502-html',
  '503',
  '504-html',
  'html-200',
  'redirect',
  'reset',
  'truncate',
  'truncate-json',
  'hang',
  'slow',
  'drip',
  'revoke',
  'expire-cursor',
  'refuse-cursor',
  'repeat',
  'reorder',
  'empty-more',
  'cursor-loop',
  'key-loop',
  'empty-page',
  'ok',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** How a page departs from the plain one; what does not fit its kind of list has no effect. */
export interface Twist {
  readonly expireCursor?: boolean;
  readonly refuseCursor?: boolean;
  readonly repeat?: boolean;
  readonly reorder?: boolean;
  readonly emptyMore?: boolean;
  readonly cursorLoop?: boolean;
  /** Of lists with keys: the next key is that of this page. */
  readonly keyLoop?: boolean;
  /** Of lists with keys: no items, and a key to go on. */
  readonly emptyPage?: boolean;
}

const TWISTS: Readonly<Partial<Record<FaultKind, keyof Twist>>> = {
  'expire-cursor': 'expireCursor',
  'refuse-cursor': 'refuseCursor',
  repeat: 'repeat',
  reorder: 'reorder',
  'empty-more': 'emptyMore',
  'cursor-loop': 'cursorLoop',
  'key-loop': 'keyLoop',
  'empty-page': 'emptyPage',
};

interface Step {
  readonly path: string | undefined;
  readonly tenant: string | undefined;
  readonly kind: FaultKind | null;
  readonly status: number;
  left: number;
}

const KEYS = [
  'rate',
  'seed',
  'kinds',
  'paths',
  'hangMs',
  'retryAfterS',
  'slowMs',
  'bytesPerS',
  'repeatPages',
  'reorder',
  'emptyMore',
  'cursorLoop',
  'expireCursor',
  'sequence',
  'forbidden',
  'hostileHost',
  'tokenErrorCode',
  'redirectTo',
];

/**
 * Misbehaviour as data: a mix at a rate, exact sequences, and standing conditions.
 *
 * Why      every draw comes from the plan's own seed, so a run that found something can be had again.
 */
export class Faults {
  readonly #estate: Estate;
  #plan: Wish = {};
  #random = randomFrom(0);
  #paths: RegExp | null = null;
  #kinds: readonly FaultKind[] = [];
  #steps: Step[] = [];
  #left = { emptyMore: 0, cursorLoop: 0 };
  #forbidden = new Map<string, { readonly form: 'A' | 'C'; readonly reason: string | undefined }>();

  constructor(estate: Estate) {
    this.#estate = estate;
  }

  /** Adds to the present plan: keys replace their like, sequences line up behind those that wait. */
  plan(wish: Wish): void {
    onlyKeys(wish, KEYS);
    for (const key of ['seed', 'hangMs', 'retryAfterS', 'slowMs', 'bytesPerS']) numberIn(wish, key);
    for (const key of ['rate', 'repeatPages', 'reorder', 'expireCursor']) rateIn(wish, key);
    for (const key of ['hostileHost', 'tokenErrorCode', 'redirectTo']) textIn(wish, key);
    const paths = textIn(wish, 'paths');
    const kinds = textsIn(wish, 'kinds')?.map(kindOf);
    const steps = listIn(wish, 'sequence')?.map((step) => this.#step(objectIn(step, 'a step of `sequence`')));
    if (wish.forbidden !== undefined) this.#forbid(objectIn(wish.forbidden, '`forbidden`'));
    if (paths !== undefined) this.#paths = new RegExp(paths);
    if (kinds !== undefined) this.#kinds = kinds;
    if (steps !== undefined) this.#steps.push(...steps);
    if (wish.seed !== undefined) this.#random = randomFrom(numberIn(wish, 'seed') ?? 0);
    this.#left.emptyMore += wish.emptyMore === true ? Number.POSITIVE_INFINITY : (numberIn(wish, 'emptyMore') ?? 0);
    this.#left.cursorLoop += wish.cursorLoop === true ? Number.POSITIVE_INFINITY : (numberIn(wish, 'cursorLoop') ?? 0);
    this.#plan = { ...this.#plan, ...wish };
  }

  clear(): void {
    for (const id of this.#forbidden.keys()) this.#lift(id);
    this.#plan = {};
    this.#random = randomFrom(0);
    this.#paths = null;
    this.#kinds = [];
    this.#steps = [];
    this.#left = { emptyMore: 0, cursorLoop: 0 };
  }

  toJSON(): unknown {
    const waiting = this.#steps.filter((step) => step.left > 0).map(({ path, tenant, kind, status, left }) => ({ path, tenant, kind, status, left }));
    return { ...this.#plan, waiting, forbiddenIds: [...this.#forbidden.keys()] };
  }

  number(key: 'hangMs' | 'retryAfterS' | 'slowMs' | 'bytesPerS', otherwise: number): number {
    return numberIn(this.#plan, key) ?? otherwise;
  }

  get tokenErrorCode(): string | undefined {
    return textIn(this.#plan, 'tokenErrorCode');
  }

  /** The host to be named instead of the simulator's own. */
  get hostileHost(): string | undefined {
    return textIn(this.#plan, 'hostileHost');
  }

  forbids(tenant: SimulatedTenant, forms: ErrorForms): Reply | null {
    const known = this.#forbidden.get(tenant.id);
    if (known === undefined) return null;
    return known.form === 'A' ? forms.short(403, known.reason) : forms.phrase(403);
  }

  /** What befalls this request; drawn once for each. */
  next(path: string, tenantId: string | undefined): { readonly kind: FaultKind } | { readonly status: number } | null {
    const step = this.#steps.find((s) => s.left > 0 && (s.tenant === undefined || s.tenant === tenantId) && matches(s.path, path));
    if (step !== undefined) {
      step.left--;
      if (step.left === 0) this.#steps = this.#steps.filter((s) => s.left > 0);
      return step.kind === null ? { status: step.status } : { kind: step.kind };
    }
    const rate = rateIn(this.#plan, 'rate');
    if (rate === 0 || this.#kinds.length === 0 || this.#paths?.test(path) === false) return null;
    const chance = this.#random();
    return chance < rate ? { kind: this.#kinds[Math.floor((chance / rate) * this.#kinds.length)] as FaultKind } : null;
  }

  /** How a list is to be twisted by this request's own fault. */
  twistOf(kind: FaultKind | null): Twist {
    const twist = kind === null ? undefined : TWISTS[kind];
    return twist === undefined ? {} : { [twist]: true };
  }

  /** How a page is to be twisted: by this request's own fault, or by a standing condition. */
  twist(kind: FaultKind | null): { readonly twist: Twist; readonly names: readonly string[] } {
    const names: FaultKind[] = kind !== null && TWISTS[kind] !== undefined ? [kind] : [];
    for (const [key, name] of [
      ['repeatPages', 'repeat'],
      ['reorder', 'reorder'],
      ['expireCursor', 'expire-cursor'],
    ] as const) {
      const rate = rateIn(this.#plan, key);
      if (rate > 0 && this.#random() < rate) names.push(name);
    }
    if (this.#left.emptyMore > 0) {
      this.#left.emptyMore--;
      names.push('empty-more');
    }
    if (this.#left.cursorLoop > 0) {
      this.#left.cursorLoop--;
      names.push('cursor-loop');
    }
    return { twist: Object.fromEntries(names.map((name) => [TWISTS[name], true])), names };
  }

  /** The answer that takes the place of the true one; `null` when the fault lies elsewhere. */
  reply(fault: { readonly kind: FaultKind } | { readonly status: number }, forms: ErrorForms, now: number): Reply | null {
    if ('status' in fault) return fault.status === 429 ? forms.full(429, now) : forms.short(fault.status);
    switch (fault.kind) {
      case '400':
      case '403':
      case '404':
      case '500':
      case '503':
        return forms.short(Number(fault.kind));
      case '401':
        return forms.phrase(401);
      case '429':
        return forms.full(429, now);
      case '429-retry-after':
        return forms.full(429, now, { 'retry-after': String(this.number('retryAfterS', 1)) });
      case '429-empty':
        return empty(429);
      case '500-full':
        return forms.full(500, now);
      case '502-html':
        return html(502, 'Bad Gateway');
      case '504-html':
        return html(504, 'Gateway Time-out');
      case 'html-200':
        return html(200, 'Welcome');
      case 'redirect':
        return empty(302, { location: textIn(this.#plan, 'redirectTo') ?? 'https://evil.example.com/' });
      case 'truncate-json':
        return bytes(200, Buffer.from('{"has_more":false,"items":[{"id":"3e9b1f47-6c2a'));
      default:
        return null;
    }
  }

  #step(wish: Wish): Step {
    onlyKeys(wish, ['path', 'tenant', 'status', 'kind', 'times']);
    const kind = textIn(wish, 'kind');
    const status = numberIn(wish, 'status');
    if ((kind === undefined) === (status === undefined)) throw new BadWish('a step of `sequence` needs either `kind` or `status`');
    const tenant = wish.tenant === undefined ? undefined : this.#tenant(wish.tenant).id;
    const known = kind !== undefined ? kindOf(kind) : status !== undefined && status < 300 ? 'ok' : null;
    return { path: textIn(wish, 'path'), tenant, kind: known, status: status ?? 0, left: numberIn(wish, 'times') ?? 1 };
  }

  #forbid(wish: Wish): void {
    onlyKeys(wish, ['tenants', 'form', 'reason']);
    const form = textIn(wish, 'form') === 'A' ? 'A' : 'C';
    const tenants = (listIn(wish, 'tenants') ?? []).map((ref) => this.#tenant(ref));
    for (const id of this.#forbidden.keys()) if (!tenants.some((tenant) => tenant.id === id)) this.#lift(id);
    for (const tenant of tenants) {
      this.#forbidden.set(tenant.id, { form, reason: textIn(wish, 'reason') });
      this.#estate.block(tenant);
    }
  }

  #lift(id: string): void {
    this.#forbidden.delete(id);
    const tenant = this.#estate.byId(id);
    if (tenant !== undefined) this.#estate.unblock(tenant);
  }

  #tenant(ref: unknown): SimulatedTenant {
    const tenant = typeof ref === 'string' || typeof ref === 'number' ? this.#estate.find(ref as TenantRef) : undefined;
    if (tenant === undefined) throw new BadWish(`there is no tenant ${JSON.stringify(ref)}`);
    return tenant;
  }
}

function kindOf(name: string): FaultKind {
  const kind = FAULT_KINDS.find((known) => known === name);
  if (kind === undefined) throw new BadWish(`there is no fault \`${name}\`; there are ${FAULT_KINDS.join(', ')}`);
  return kind;
}

/** A path as it stands, or a pattern when it begins with `^`. */
function matches(wanted: string | undefined, path: string): boolean {
  if (wanted === undefined) return true;
  return wanted.startsWith('^') ? new RegExp(wanted).test(path) : wanted === path;
}
