/** The files of Sophos API Connect as sinks and routes of ours. */
import { isAbsolute, relative } from 'node:path';
import type { Tree } from '../../../config/source.ts';
import { Failure } from '../../../core/failure.ts';
import type { Draft } from '../../draft.ts';
import type { HeldFile } from './held.ts';

/** One of its files and the route that goes on with it. */
export interface Target {
  /** Of the sink, and of the route. */
  readonly name: string;
  readonly held: HeldFile;
  /** More than one where two names of the tool's are the same file. */
  readonly streams: readonly string[];
}

type TargetKey = 'events-txt' | 'events-json' | 'alerts-txt' | 'alerts-json';

/**
 * Each file once, with the streams that go into it.
 *
 * Throws   config `import.same-file` when a text file and a JSON file are the same; config `import.setting` for a path that cannot be ours.
 */
export function targetsOf(files: Readonly<Record<TargetKey, HeldFile | null>>): readonly Target[] {
  const targets = new Map<string, Target>();
  for (const [name, held] of Object.entries(files)) {
    if (!held) continue;
    const stream = name.startsWith('events') ? 'events' : 'siem-alerts';
    const other = targets.get(held.path);
    if (other && other.held.form !== held.form) throw sameFile(held.path);
    targets.set(
      held.path,
      other ? { ...other, name: other.name.replace('events', 'all'), streams: [...other.streams, stream] } : { name, held, streams: [stream] },
    );
  }
  return [...targets.values()];
}

/** The sections `sinks` and `routes`. */
export function sectionsOf(targets: readonly Target[], folder: string): Pick<Draft, 'tree' | 'comments'> {
  const sinks: { [name: string]: Tree } = {};
  const routes: Tree[] = [];
  const comments: Record<string, string> = {};
  for (const { name, held, streams } of targets) {
    const isJson = held.form === 'json';
    sinks[name] = { type: 'file', path: pathText(held.path, folder), ...(isJson ? { layout: 'array' } : {}) };
    comments[`sinks.${name}`] = held.isThere ? `Goes on at the end of what ${isJson ? 'the array holds' : 'is there'}.` : 'Was not there yet.';
    routes.push({ from: streams.length === 1 ? (streams[0] ?? '') : [...streams], to: name, format: isJson ? 'raw' : 'text' });
  }
  return { tree: { sinks, routes }, comments };
}

/** As a person would write it: below the configuration's folder without that folder. */
export function pathText(path: string, folder: string): string {
  if (/[{}]/.test(path))
    throw new Failure('config', 'import.setting', `could not take over the file \`${path}\`: braces stand for placeholders in paths here`, {
      advice: 'Rename it, in the folder and in `sophos.conf`, and import again.',
    });
  const below = relative(folder, path);
  const isBelow = below !== '' && !isAbsolute(below) && !/^\.\.(?:[/\\]|$)/.test(below);
  return (isBelow ? `./${below.replaceAll('\\', '/')}` : path).replaceAll('${', () => '$${');
}

function sameFile(path: string): Failure {
  return new Failure('config', 'import.same-file', `could not take over \`${path}\`: both text and JSON would go into it`, {
    advice: 'Give each a name of its own in `sophos.conf`, and import again.',
  });
}
