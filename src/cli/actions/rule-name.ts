/** No route of the configuration can have a name with a colon. */
const prefix = 'action:';

/** What the route of a rule is called in `status` and in the action log. */
export function ruleName({ name }: { readonly name: string }): string {
  return prefix + name;
}

/** Does that route act, rather than deliver? */
export function isRuleName(route: string): boolean {
  return route.startsWith(prefix);
}
