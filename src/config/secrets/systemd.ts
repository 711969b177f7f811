import path from 'node:path';
import type { Env } from '../find.ts';
import { sealed } from './answer.ts';
import { missing, wrongForm } from './failures.ts';
import type { RemoteSource } from './provider.ts';
import { readSecretFile } from './secret-file.ts';
import { variable } from './settings.ts';

/**
 * `${systemd:NAME}`: a credential that systemd passes to the service, from LoadCredential= or SetCredentialEncrypted= of its unit.
 *
 * Throws   config `secret.form` for a name that is none; `secret.missing` outside of such a service, and like `${file:}`.
 * Source   systemd.exec(5), "CREDENTIALS".
 */
export function systemdSecrets(env: Env): RemoteSource {
  return {
    scheme: 'systemd',
    check: async (name) => checkName(name),
    async resolve(name, signal) {
      signal.throwIfAborted();
      checkName(name);
      const folder = variable(env, 'CREDENTIALS_DIRECTORY');
      if (folder === undefined)
        throw missing(
          `there is no credential \`${name}\`: CREDENTIALS_DIRECTORY is not set`,
          `start it by systemd, with \`LoadCredential=${name}:/path/of/the/file\` in the unit`,
        );
      const what = `the credential \`${name}\` of systemd`;
      const content = await readSecretFile(path.join(folder, name), what, `add \`LoadCredential=${name}:/path/of/the/file\` to the unit`);
      return sealed(content.replace(/\r?\n$/, ''), what);
    },
  };
}

function checkName(name: string): void {
  if (!/^[A-Za-z0-9_.@:+-]{1,255}$/.test(name) || name === '.' || name === '..')
    throw wrongForm(`\`${name}\` is no name of a credential`, 'write the name that LoadCredential= gives it, without a folder');
}
