/** The folder that a path template names before its first placeholder. */
export function folderOf(template: string): string {
  const { folder } = split(template);
  return folder === '' ? '.' : folder;
}

/** One pattern for each further part of the path: which names the template can give there. */
export function shapeOf(template: string): RegExp[] {
  return split(template).rest.map((segment) => {
    const form = segment
      .split(/\{[^{}]*\}/)
      .map((literal) => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      .join('.+');
    return new RegExp(`^${form}$`, 's');
  });
}

function split(template: string): { readonly folder: string; readonly rest: readonly string[] } {
  const brace = template.indexOf('{');
  const prefix = brace < 0 ? template : template.slice(0, brace);
  const slash = Math.max(prefix.lastIndexOf('/'), prefix.lastIndexOf('\\'));
  const rest = template
    .slice(slash + 1)
    .split(/[/\\]/)
    .filter((segment) => segment !== '' && segment !== '.');
  return { folder: template.slice(0, slash + 1), rest };
}
