import { digest } from './bounded.ts';

const valid = /^(?=.{1,253}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*$/;

/** Room for `-`, eight digits and what the longest part may hold. */
const maxPart = 54;

/**
 * A name that every receiver takes for a host name (RFC 1123), and never the same for two.
 *
 * Shape    a valid name is returned as it is. Any other is made valid, its letters without their accents, and gets eight hexadecimal digits
 *          of its digest, because `PC_01` and `PC-01` are two machines.
 */
export function hostName(name: string): string {
  if (valid.test(name)) return name;
  const plain = name
    .slice(0, 1_000)
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, maxPart)
    .replace(/^-|-$/g, '');
  return `${plain === '' ? 'host' : plain}-${digest(name)}`;
}

/** Machines of a busy page come again and again. */
const maxRemembered = 2_000;
/** The longest that a name may be in DNS. */
const longestName = 253;

/** The same, with the names made last at hand. A memo only: the same name always gets the same. */
export function rememberingHostNames(): (name: string) => string {
  const made = new Map<string, string>();
  return (name) => {
    if (name.length > longestName) return hostName(name);
    let found = made.get(name);
    if (found === undefined) {
      if (made.size >= maxRemembered) made.clear();
      found = hostName(name);
      made.set(name, found);
    }
    return found;
  };
}
