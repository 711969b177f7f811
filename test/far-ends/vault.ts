/** HashiCorp Vault on loopback, as far as reading secrets of KV goes: tokens, namespaces, logins, versions, and a seal. */
import { type Answer, type Asked, type Misbehaving, startMisbehaving } from './misbehaving.ts';

export interface VaultWays {
  readonly token: string;
  readonly namespace?: string;
  readonly approle?: { readonly roleId: string; readonly secretId: string };
  readonly kubernetes?: { readonly role: string; readonly jwt: string };
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface FarVault extends Misbehaving {
  /** A secret of the mount `secret`, or of `mount`. */
  put(path: string, data: object, mount?: string): void;
  /** Its newest version is gone. */
  delete(path: string, how: 'deleted' | 'destroyed'): void;
  /** The policy does not allow to read it. */
  deny(path: string): void;
  seal(): void;
}

const errors = (status: number, ...said: string[]): Answer => ({ status, body: { errors: said } });

export async function startVault(ways: VaultWays): Promise<FarVault> {
  const { token, namespace = '', approle, kubernetes } = ways;
  const secrets = new Map<string, { data: object | null; destroyed: boolean }>();
  const denied = new Set<string>();
  /** Made by logins. */
  const tokens = new Set([token]);
  let isSealed = false;

  function login(asked: Asked, mount: string): Answer {
    const body = JSON.parse(asked.body) as Readonly<Record<string, string>>;
    const isRight =
      mount === 'approle'
        ? approle && body.role_id === approle.roleId && body.secret_id === approle.secretId
        : mount === 'kubernetes' && kubernetes && body.role === kubernetes.role && body.jwt === kubernetes.jwt;
    // It repeats what it was given, as nobody should.
    if (!isRight) return errors(400, `invalid role or secret ID: ${asked.body}`, `${body.secret_id ?? body.jwt} is wrong`);
    const made = `hvs.login-${tokens.size}`;
    tokens.add(made);
    return { status: 200, body: { auth: { client_token: made, lease_duration: 3600 } } };
  }

  function take(asked: Asked): Answer {
    if (isSealed) return errors(503, 'Vault is sealed');
    if ((asked.headers['x-vault-namespace'] ?? '') !== namespace) return errors(403, 'permission denied');
    const [, v1, first, ...rest] = asked.path.split('/').map(decodeURIComponent);
    if (v1 !== 'v1') return errors(404);
    if (asked.headers['x-vault-request'] !== 'true') return errors(400, "missing the 'X-Vault-Request' header");
    if (first === 'auth' && asked.method === 'POST' && rest[1] === 'login') return login(asked, rest[0] ?? '');
    if (!tokens.has(String(asked.headers['x-vault-token']))) return errors(403, 'permission denied', `invalid token ${asked.headers['x-vault-token']}`);
    if (first === 'sys') {
      const mount = rest.slice(3).join('/');
      return mount === 'old'
        ? { status: 200, body: { data: { type: 'kv', options: null } } }
        : mount === 'secret'
          ? { status: 200, body: { data: { type: 'kv', options: { version: '2' } } } }
          : errors(403, 'preflight capability check returned 403');
    }
    const path = [first, ...rest].join('/').replace('/data/', '/');
    if (denied.has(path)) return errors(403, '1 error occurred:\n\t* permission denied\n\n');
    const secret = secrets.get(path);
    if (!secret || !rest.includes('data') || first === 'old') return errors(404);
    const metadata = { version: 3, deletion_time: secret.data ? '' : '2026-01-01T00:00:00Z', destroyed: secret.destroyed };
    return { status: secret.data ? 200 : 404, body: { data: { data: secret.data, metadata } } };
  }

  const far = await startMisbehaving({ ...(ways.tls ? { tls: ways.tls } : {}), bringsRecords: ({ method }) => method === 'GET', take });
  return {
    ...far,
    put: (path, data, mount = 'secret') => void secrets.set(`${mount}/${path}`, { data, destroyed: false }),
    delete: (path, how) => void secrets.set(`secret/${path}`, { data: null, destroyed: how === 'destroyed' }),
    deny: (path) => void denied.add(`secret/${path}`),
    seal() {
      isSealed = true;
    },
  };
}
