/** Google's token service, a metadata server and Secret Manager on one loopback address; signatures of assertions are checked. */
import { generateKeyPairSync, type KeyPairKeyObjectResult, verify } from 'node:crypto';
import { type Answer, type Asked, type Misbehaving, startMisbehaving } from './misbehaving.ts';

export interface FarGoogle extends Misbehaving {
  /** A version of a secret, by its whole name. */
  put(name: string, value: string | Uint8Array, more?: object): void;
  deny(name: string): void;
  /** The key file of its service account. */
  readonly keyFile: object;
  /** The file of a person's login. */
  readonly loginFile: object;
}

const no = (status: number, word: string, message: string): Answer => ({ status, body: { error: { code: status, status: word, message } } });

/** The key of a service account; to make one takes a while. */
export function makeGoogleKey(): KeyPairKeyObjectResult {
  return generateKeyPairSync('rsa', { modulusLength: 2048 });
}

export async function startGoogle({ publicKey, privateKey }: KeyPairKeyObjectResult): Promise<FarGoogle> {
  const email = 'siem@project-1.iam.gserviceaccount.com';
  const refresh = { client_id: 'gcloud-id', client_secret: 'gcloud-hunter2', refresh_token: 'refresh-hunter2' };
  const token = 'google-hunter2-token';
  const versions = new Map<string, object>();
  const denied = new Set<string>();
  const given = { status: 200, body: { access_token: token, expires_in: 3599, token_type: 'Bearer' } };

  /** As RFC 7523 wants it; says what is wrong with it. */
  function judge(assertion: string, audience: string): string | null {
    const [head = '', claims = '', signature = ''] = assertion.split('.');
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString('utf8')) as Readonly<Record<string, unknown>>;
    const { alg, kid } = read(head);
    const { iss, aud, scope, iat, exp } = read(claims);
    if (alg !== 'RS256' || kid !== 'key-1') return 'Invalid JWT header';
    if (!verify('sha256', Buffer.from(`${head}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))) return 'Invalid JWT Signature.';
    if (iss !== email || aud !== audience || scope !== 'https://www.googleapis.com/auth/cloud-platform') return 'Invalid JWT: wrong claims';
    const now = Date.now() / 1000;
    const isInTime = typeof iat === 'number' && typeof exp === 'number' && Math.abs(now - iat) < 300 && exp > now && exp - iat <= 3600;
    return isInTime ? null : 'Invalid JWT: Token must be a short-lived token and in a reasonable timeframe';
  }

  function take(asked: Asked): Answer {
    const { path, headers } = asked;
    if (path === '/token') {
      const form = new URLSearchParams(asked.body);
      if (form.get('grant_type') === 'refresh_token')
        return Object.entries(refresh).every(([name, value]) => form.get(name) === value)
          ? given
          : { status: 400, body: { error: 'invalid_grant', error_description: `Bad Request ${form.get('refresh_token')}` } };
      const finding = judge(form.get('assertion') ?? '', `http://${headers.host}/token`);
      return finding === null ? given : { status: 400, body: { error: 'invalid_grant', error_description: `${finding} ${form.get('assertion')}` } };
    }
    if (path.startsWith('/computeMetadata/v1/')) {
      if (headers['metadata-flavor'] !== 'Google') return { status: 403 };
      return path.endsWith('/project-id') ? { status: 200, body: 'project-of-machine' } : given;
    }
    if (headers.authorization !== `Bearer ${token}`) return no(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.');
    const name = decodeURIComponent(path)
      .replace(/^\/v1\//, '')
      .replace(/:access$/, '');
    if (denied.has(name))
      return no(403, 'PERMISSION_DENIED', `Permission 'secretmanager.versions.access' denied for resource '${name}' (or it may not exist).`);
    const payload = versions.get(name);
    return payload ? { status: 200, body: { name, payload } } : no(404, 'NOT_FOUND', `Secret [${name}] not found or has no versions.`);
  }

  const far = await startMisbehaving({ bringsRecords: ({ path }) => path.startsWith('/v1/'), take });
  const uri = { token_uri: `${far.url}/token` };
  return {
    ...far,
    put: (name, value, more = {}) => void versions.set(name, { data: Buffer.from(value).toString('base64'), ...more }),
    deny: (name) => void denied.add(name),
    keyFile: {
      type: 'service_account',
      project_id: 'project-1',
      private_key_id: 'key-1',
      private_key: privateKey.export({ type: 'pkcs8', format: 'pem' }),
      client_email: email,
      ...uri,
    },
    loginFile: { type: 'authorized_user', ...refresh, quota_project_id: 'project-1', ...uri },
  };
}
