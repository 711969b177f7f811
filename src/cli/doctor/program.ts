/** The program and the machine it runs on. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import os from 'node:os';
import type { CommandContext } from '../command.ts';
import { version } from '../parser.ts';
import { sizeText } from '../status/picture.ts';
import type { Read } from './configuration.ts';
import { ok, type Tell, wrong } from './finding.ts';

/** The oldest that is served (package.json, `engines`). */
const leastNode = [20, 19] as const;
/** Last day of security updates, by major version (https://github.com/nodejs/release). */
const endOfLife: Readonly<Record<number, string>> = { 20: '2026-04-30', 21: '2024-06-01', 22: '2027-04-30', 23: '2025-06-01', 24: '2028-04-30' };

const littleMemory = 256 * 1024 * 1024;
const fewFiles = 1024;

/** Packages that are installed only where they are needed. */
const optionalPackages: readonly { readonly name: string; readonly for: string; readonly isWanted: (read: Read) => boolean }[] = [
  { name: 'kafkajs', for: 'the sink type `kafka`', isWanted: ({ plan }) => [...(plan?.sinks.values() ?? [])].some(({ kind }) => kind.name === 'kafka') },
  { name: '@aws-sdk/client-secrets-manager', for: '`${aws-secret:...}`', isWanted: (read) => read.schemes.has('aws-secret') },
  { name: '@napi-rs/keyring', for: '`${keyring:...}`', isWanted: (read) => read.schemes.has('keyring') },
];

/** Facts for support, also for `--json`. */
export interface ProgramFacts {
  readonly version: string;
  readonly node: string;
  readonly platform: string;
}

export function programFacts(): ProgramFacts {
  return { version: version(), node: process.versions.node, platform: `${process.platform} ${process.arch} ${os.release()}` };
}

export async function examineProgram(read: Read, { world }: CommandContext, tell: Tell): Promise<void> {
  const { version: own, node, platform } = programFacts();
  tell(ok('version', `sophos-central-connector ${own} on ${platform}`));
  tellNode(node, world.clock.now(), tell);
  tellMemory(tell);
  const files = await openFiles();
  if (files !== null) {
    if (files >= fewFiles) tell(ok('open files', `${files} at once`));
    else {
      const cause = `the limit for this user is below ${fewFiles}; each tenant's file and each connection takes one`;
      tell(wrong('warning', 'open files', `${files} at once`, cause, 'Raise it: `ulimit -n 4096`, or `LimitNOFILE=4096` in the systemd unit.'));
    }
  }
  for (const each of optionalPackages.filter(({ isWanted }) => isWanted(read))) {
    if (isInstalled(each.name)) tell(ok(each.name, `installed, for ${each.for}`));
    else
      tell(wrong('failed', each.name, 'not installed', `${each.for} needs this package`, `Run \`npm install ${each.name}\` beside sophos-central-connector.`));
  }
}

function tellNode(node: string, now: number, tell: Tell): void {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  const [least, leastMinor] = leastNode;
  if (major < least || (major === least && minor < leastMinor)) {
    tell(wrong('failed', 'node', node, `this version needs Node.js ${least}.${leastMinor} or later`, 'Install the current LTS of Node.js.'));
    return;
  }
  const end = endOfLife[major];
  if (end === undefined || now < Date.parse(`${end}T23:59:59Z`)) {
    tell(ok('node', node));
    return;
  }
  tell(
    wrong(
      'warning',
      'node',
      node,
      `Node.js ${major} has had no security updates since ${end}`,
      'Install the current LTS of Node.js when you can; this one still works.',
    ),
  );
}

function tellMemory(tell: Tell): void {
  // In a container what counts is its own limit.
  const limit = process.constrainedMemory?.() ?? 0;
  const total = limit > 0 && limit < os.totalmem() ? limit : os.totalmem();
  if (total >= littleMemory) {
    tell(ok('memory', `${sizeText(total)}${total === limit ? ' (limit of this container or unit)' : ''}`));
    return;
  }
  tell(wrong('warning', 'memory', sizeText(total), 'a page of each stream and a parcel of each route are held at once', 'Give it 256 MB or more.'));
}

/** The soft limit, where the system tells. */
async function openFiles(): Promise<number | null> {
  const limits = await readFile('/proc/self/limits', 'utf8').catch(() => '');
  const found = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return found === undefined ? null : Number(found);
}

function isInstalled(name: string): boolean {
  try {
    createRequire(import.meta.url).resolve(name);
    return true;
  } catch (error) {
    // A package may be there and not be meant for `require`.
    return error instanceof Error && 'code' in error && error.code === 'ERR_PACKAGE_PATH_NOT_EXPORTED';
  }
}
