import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { type Call, headerOf, originOf, targetOf } from './call.ts';
import { central, type Outcome, TOKEN_PATH } from './central.ts';
import { control } from './control.ts';
import { json, type Reply } from './reply.ts';
import type { Simulation } from './state.ts';

/** Where it listens, and how to end it. */
export interface Listening {
  readonly url: string;
  close(): Promise<void>;
}

export interface Listen {
  readonly host: string;
  readonly port: number;
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
}

const DRIP_PIECES = 20;
/** Four times Node's: long `exclude_types` and long tokens are no fault of a client. */
const MAX_HEADER_BYTES = 65_536;

/** Opens the one port on which everything is served. */
export async function listen(sim: Simulation, { host, port, tls }: Listen): Promise<Listening> {
  const timers = new Set<NodeJS.Timeout>();
  const after = (ms: number, act: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer);
      act();
    }, ms);
    timers.add(timer);
  };
  const onRequest: RequestListener = (req, res) => {
    // A client that goes away in mid-request is its own business.
    serve(sim, req, res, after).catch((error: unknown) => {
      if (res.headersSent || res.destroyed) res.destroy();
      else send(sim, res, json(500, { error: `the simulator failed: ${error instanceof Error ? error.stack : String(error)}` }));
    });
  };
  const limits = { maxHeaderSize: MAX_HEADER_BYTES };
  const server: Server = tls === undefined ? createServer(limits, onRequest) : createTlsServer({ ...limits, cert: tls.cert, key: tls.key }, onRequest);
  const sockets = new Set<Socket>();
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.setNoDelay(true);
  });
  // Longer than any client keeps one idle: a reset is to be a fault, never an accident.
  server.keepAliveTimeout = 600_000;
  server.requestTimeout = 0;
  server.headersTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  const close = () =>
    new Promise<void>((resolve) => {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
    });
  return { url: `${tls === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${bound}`, close };
}

type After = (ms: number, act: () => void) => void;

async function serve(sim: Simulation, req: IncomingMessage, res: ServerResponse, after: After): Promise<void> {
  const { method = 'GET', url = '/', headers } = req;
  const origin = originOf(headers.host, 'encrypted' in req.socket);
  const call: Call = { method: method === 'HEAD' ? 'GET' : method, ...targetOf(url), headers, body: await bodyOf(req), origin };
  if (call.path.startsWith('/_sim/')) {
    const answer = control(sim, call);
    if (typeof answer === 'function') await answer(res);
    else send(sim, res, answer);
  } else if (call.path.startsWith('/services/collector')) await serveHec(sim, call, res, after);
  else serveCentral(sim, call, res, after);
}

async function bodyOf(req: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of req) pieces.push(piece as Buffer);
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
}

const HEC_PATHS: readonly string[] = ['', '/event', '/event/1.0', '/ack', '/ack/1.0', '/health', '/health/1.0'].map((end) => `/services/collector${end}`);

async function serveHec(sim: Simulation, call: Call, res: ServerResponse, after: After): Promise<void> {
  if (!HEC_PATHS.includes(call.path)) {
    send(sim, res, json(404, { text: 'The requested URL was not found on this server.', code: 404 }));
    return;
  }
  const outcome = await sim.hec.handle({ ...call, path: call.path.replace(/\/1\.0$/, '') });
  if ('transport' in outcome) {
    if (outcome.transport === 'reset') reset(res);
    else after(sim.hec.faults.number('hangMs', 10_000), () => reset(res));
  } else if (outcome.delayMs > 0) after(outcome.delayMs, () => send(sim, res, outcome.reply));
  else send(sim, res, outcome.reply);
}

function serveCentral(sim: Simulation, call: Call, res: ServerResponse, after: After): void {
  if (call.path !== TOKEN_PATH && sim.intelix.counted(call.path) === null) sim.stats.arrived(performance.now());
  const outcome = central(sim, call);
  for (const name of outcome.faults) sim.stats.faulted(name);
  const ended =
    outcome.transport === 'plain' || outcome.transport === 'slow' || outcome.transport === 'drip' ? String(outcome.reply.status) : outcome.transport;
  sim.stats.answered(outcome.counted, outcome.tenantId, ended);
  sim.requests.add({
    at: new Date(sim.clock.now()).toISOString(),
    method: call.method,
    path: call.path,
    query: call.query.toString(),
    tenant: outcome.tenantId ?? null,
    status: outcome.reply.status,
    ...(outcome.transport === 'plain' ? {} : { transport: outcome.transport }),
  });
  deliver(sim, call, res, outcome, after);
}

function deliver(sim: Simulation, call: Call, res: ServerResponse, { reply, transport }: Outcome, after: After): void {
  const full = compressed(sim, call, reply);
  if (transport === 'plain') send(sim, res, full);
  else if (transport === 'reset') reset(res);
  else if (transport === 'hang') after(sim.faults.number('hangMs', 10_000), () => reset(res));
  else if (transport === 'slow') after(sim.faults.number('slowMs', 500), () => send(sim, res, full));
  else {
    head(sim, res, full);
    if (transport === 'truncate') res.write(full.body.subarray(0, Math.floor(full.body.length / 2)), () => res.destroy());
    else drip(res, full.body, Math.max(1, Math.ceil(full.body.length / DRIP_PIECES)), sim.faults.number('bytesPerS', 20_000), after);
  }
}

function drip(res: ServerResponse, body: Buffer, piece: number, bytesPerS: number, after: After): void {
  if (res.destroyed) return;
  if (body.length <= piece) {
    res.end(body);
    return;
  }
  res.write(body.subarray(0, piece));
  after((piece / bytesPerS) * 1000, () => drip(res, body.subarray(piece), piece, bytesPerS, after));
}

function compressed(sim: Simulation, call: Call, reply: Reply): Reply {
  if (!sim.settings.gzip || reply.body.length === 0 || !headerOf(call, 'accept-encoding')?.includes('gzip')) return reply;
  return { ...reply, headers: { ...reply.headers, 'content-encoding': 'gzip' }, body: gzipSync(reply.body, { level: 1 }) };
}

function head(sim: Simulation, res: ServerResponse, reply: Reply): void {
  res.writeHead(reply.status, { date: new Date(sim.clock.now()).toUTCString(), 'content-length': reply.body.length, ...reply.headers });
}

function send(sim: Simulation, res: ServerResponse, reply: Reply): void {
  if (res.destroyed) return;
  head(sim, res, reply);
  res.end(reply.body);
}

/** Ends the connection as a crash would: with a reset, and not with a farewell. */
function reset(res: ServerResponse): void {
  const socket = res.socket;
  if (socket === null) res.destroy();
  else if ('resetAndDestroy' in socket && !('encrypted' in socket)) socket.resetAndDestroy();
  else socket.destroy();
}
