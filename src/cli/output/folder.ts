/** `--out-dir`: one file per tenant. */
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../core/failure.ts';
import { safeTenantName } from '../../core/tenant-name.ts';
import type { Tenant } from '../../core/types.ts';
import type { Outlet } from './records.ts';

/** A file that is there whole or not at all. */
export interface TenantFile {
  readonly write: Outlet;
  /** It is whole: puts it in its place, over what was there. */
  keep(): Promise<string>;
  /** Leaves what was there before. Safe after `keep`. */
  drop(): Promise<void>;
}

const extensions: Readonly<Record<string, string>> = { json: '.json', ndjson: '.ndjson', csv: '.csv', table: '.txt', raw: '.json' };

/** Such as `Acme Ltd_5a2f....json`. */
export function tenantFileName(tenant: Tenant, output: string): string {
  const id = tenant.id.replace(/[^\w.-]/g, '_');
  return `${safeTenantName(tenant)}_${id}${extensions[output] ?? '.log'}`;
}

/**
 * Begins a file, for its owner only.
 *
 * Throws   config `out-dir.unwritable` when the folder does not let us.
 */
export async function openTenantFile(folder: string, tenant: Tenant, output: string): Promise<TenantFile> {
  const path = join(folder, tenantFileName(tenant, output));
  const unfinished = `${path}.part`;
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Failure('config', 'out-dir.unwritable', `could not write ${path}: ${reason}`, {
        cause,
        advice: 'Look at `--out-dir`: its rights and its free space.',
      });
    }
  };
  const file = await attempt(async () => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return await open(unfinished, 'w', 0o600);
  });
  let isOpen = true;
  return {
    write: (data) => attempt(async () => void (await file.writeFile(data))),
    async keep() {
      await attempt(async () => {
        await file.sync();
        isOpen = false;
        await file.close();
        await rename(unfinished, path);
      });
      return path;
    },
    async drop() {
      if (isOpen) {
        isOpen = false;
        await file.close();
        await rm(unfinished, { force: true });
      }
    },
  };
}
