// Central and a HEC on loopback for the benchmarks: every page is serialised before the first request, so that the server costs
// no more than a copy to a socket. Not the simulator: it checks nothing and knows one tenant.
import { createServer } from 'node:http';

const records = Number(process.env.BENCH_RECORDS ?? 1_000_000);
const perPage = 1_000;
const pages = Math.ceil(records / perPage);
const tenant = '11111111-2222-4333-8444-555555555555';

const hex = (n, width) => n.toString(16).padStart(width, '0');
const idOf = (n) => `${hex(n >>> 0, 8)}-6c2a-4d18-9f5e-${hex(n, 12)}`;

/** One event of about 900 bytes, with one non-ASCII character, as Central writes them. */
function event(n, createdAt) {
  return JSON.stringify({
    when: createdAt,
    id: idOf(n),
    customer_id: tenant,
    severity: ['none', 'low', 'medium', 'high', 'critical'][n % 5],
    created_at: createdAt,
    source_info: { ip: `10.20.${n % 250}.${(n * 7) % 250}` },
    endpoint_type: 'computer',
    endpoint_id: 'c58e2a1d-7f3b-4c96-a0e4-1b9d6f2c8a37',
    origin: 'ML',
    type: 'Event::Endpoint::CorePuaDetection',
    location: `FIN-WS-${n % 1000}`,
    source: 'ACME\\zoë',
    user_id: '66f2a9c41d8e3b07a5c2e914',
    threat: 'Generic Reputation PUA',
    group: 'PUA',
    appSha256: '01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b',
    appCerts: [{ signer: 'Example Software GmbH', thumbprint: '2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881' }],
    core_remedy_items: { totalItems: 1, items: [{ type: 'file', result: 'SUCCESS', suspendResult: 'NOT_APPLICABLE', processPath: '' }] },
    name: `PUA detected: 'Generic Reputation PUA' at 'C:\\Users\\zoe\\Documents\\setup-${n % 977}.zip'`,
  });
}

const start = Date.now() - 20 * 3_600_000;
const bodies = [];
for (let page = 0; page < pages; page++) {
  const items = [];
  for (let i = 0; i < perPage && page * perPage + i < records; i++) {
    const n = page * perPage + i;
    items.push(event(n, new Date(start + Math.floor((n / records) * 19 * 3_600_000)).toISOString()));
  }
  bodies.push(
    Buffer.from(`{"has_more":${page + 1 < pages},"items":[${items.join(',')}],"next_cursor":"${Buffer.from(`V2_CURSOR|${page + 1}`).toString('base64')}"}`),
  );
}
const nothing = (page) => Buffer.from(`{"has_more":false,"items":[],"next_cursor":"${Buffer.from(`V2_CURSOR|${page}`).toString('base64')}"}`);

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const send = (body, type = 'application/json') => {
    response.writeHead(200, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
    response.end(body);
  };
  if (request.method === 'POST') {
    request.resume();
    request.on('end', () => {
      if (url.pathname.includes('oauth2')) return send('{"access_token":"bench","token_type":"bearer","expires_in":3600,"errorCode":"success"}');
      return send('{"text":"Success","code":0}');
    });
    return;
  }
  if (url.pathname === '/whoami/v1') return send(JSON.stringify({ id: tenant, idType: 'tenant', apiHosts: { global: base, dataRegion: base } }));
  if (url.pathname === '/siem/v1/alerts') return send(nothing(0));
  const cursor = url.searchParams.get('cursor');
  const page = cursor ? Number(Buffer.from(cursor, 'base64').toString().split('|')[1]) : Number(url.searchParams.get('page') ?? 0);
  return send(bodies[page] ?? nothing(page));
});
let base = '';
server.listen(0, '127.0.0.1', () => {
  base = `http://127.0.0.1:${server.address().port}`;
  process.send?.({ url: base, pages, bytes: bodies.reduce((sum, body) => sum + body.length, 0) });
});
process.on('disconnect', () => process.exit(0));
