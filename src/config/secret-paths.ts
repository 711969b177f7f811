import { kindNamed, type Registers } from './registers.ts';
import { secrets } from './secrets/section.ts';
import { account, intelix } from './sections.ts';
import { isSecret, type Shape, shapeOf } from './shape.ts';
import type { Path, Tree } from './source.ts';

/** Tells of any path of a configuration whether the schema that governs it says "secret". */
export function secretPaths(tree: { readonly [key: string]: Tree }, { streams, sinks }: Registers): (path: Path) => boolean {
  const known = new Map<string, Shape>();
  const remember = (name: string, make: () => Shape): Shape => {
    const shape = known.get(name) ?? make();
    known.set(name, shape);
    return shape;
  };
  return ([section, name, ...rest]) => {
    if (section === 'central')
      return isSecret(
        remember('account', () => shapeOf(account)),
        name === undefined ? [] : [name, ...rest],
      );
    if (section === 'intelix')
      return isSecret(
        remember('intelix', () => shapeOf(intelix)),
        name === undefined ? [] : [name, ...rest],
      );
    if (section === 'secrets')
      return isSecret(
        remember('secrets', () => shapeOf(secrets)),
        name === undefined ? [] : [name, ...rest],
      );
    if (name === undefined) return false;
    if (section === 'accounts')
      return isSecret(
        remember('account', () => shapeOf(account)),
        rest,
      );
    const kind =
      section === 'streams' ? kindNamed(streams, String(name)) : section === 'sinks' ? kindNamed(sinks, typeOf(tree.sinks, String(name))) : undefined;
    return (
      kind !== undefined &&
      isSecret(
        remember(`${section}/${kind.name}`, () => shapeOf(kind.options)),
        rest,
      )
    );
  };
}

function typeOf(sinks: Tree | undefined, name: string): string {
  const sink = typeof sinks === 'object' && sinks !== null && !Array.isArray(sinks) ? sinks[name] : undefined;
  const type = typeof sink === 'object' && sink !== null && !Array.isArray(sink) ? sink.type : undefined;
  return typeof type === 'string' ? type : '';
}
