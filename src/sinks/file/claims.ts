/**
 * Which sink of this process writes which file, so that two of them never write the same one: each would cut what the other
 * wrote. Known by path and, because a name can be spelled in several ways (case, links), by inode.
 */
interface Claim {
  /** In words. */
  readonly sink: string;
  readonly path: string;
}

const byPath = new Map<string, { readonly owner: symbol; readonly claim: Claim }>();
const byInode = new Map<string, { readonly owner: symbol; readonly claim: Claim }>();

/** The claims of one sink. */
export class Claims {
  readonly #owner: symbol;
  readonly #sink: string;

  constructor(sink: string) {
    this.#owner = Symbol(sink);
    this.#sink = sink;
  }

  /** Claims a path for a route of this sink: each route has marks of its own. Returns who has it, if it is somebody else. */
  path(path: string, route: string): Claim | undefined {
    const held = byPath.get(path);
    const claim = { sink: `the sink \`${this.#sink}\` for the route \`${route}\``, path };
    if (held && (held.owner !== this.#owner || held.claim.sink !== claim.sink)) return held.claim;
    if (!held) byPath.set(path, { owner: this.#owner, claim });
    return undefined;
  }

  /** Claims what stands at a path. Returns who has it under another name. */
  inode(inode: string, path: string): Claim | undefined {
    const held = byInode.get(inode);
    if (held && held.claim.path !== path) return held.claim;
    this.takeInode(inode, path);
    return undefined;
  }

  /** Claims an inode that its former holder has lost. */
  takeInode(inode: string, path: string): void {
    byInode.set(inode, { owner: this.#owner, claim: { sink: `the sink \`${this.#sink}\``, path } });
  }

  dropInode(inode: string, path: string): void {
    if (byInode.get(inode)?.claim.path === path) byInode.delete(inode);
  }

  dropPath(path: string): void {
    if (byPath.get(path)?.owner === this.#owner) byPath.delete(path);
  }

  /** Gives everything back. */
  dropAll(): void {
    for (const claims of [byPath, byInode]) for (const [key, { owner }] of claims) if (owner === this.#owner) claims.delete(key);
  }
}
