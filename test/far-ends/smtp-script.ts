/** A mail server that answers each command as it is told, whatever that is; it keeps nothing. */
import { type AddressInfo, createServer, type Socket } from 'node:net';

/** Instead of the usual answer; `close` hangs up, `silence` says nothing. */
export type Script = Partial<Record<'greeting' | 'EHLO' | 'HELO' | 'STARTTLS' | 'AUTH' | 'MAIL' | 'RCPT' | 'DATA' | '.' | 'RSET' | 'QUIT', string>>;

export interface ScriptedSmtp {
  readonly port: number;
  close(): Promise<void>;
}

const usual: Script = {
  greeting: '220 far end',
  EHLO: '250-far end\r\n250 AUTH PLAIN',
  HELO: '250 far end',
  STARTTLS: '502 5.5.1 not here',
  AUTH: '235 2.7.0 welcome',
  MAIL: '250 ok',
  RCPT: '250 ok',
  DATA: '354 go on',
  '.': '250 taken',
  RSET: '250 ok',
  QUIT: '221 bye',
};

export async function startScriptedSmtp(script: Script): Promise<ScriptedSmtp> {
  const sockets = new Set<Socket>();
  const answers: Readonly<Record<string, string>> = { ...usual, ...script };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    let rest = '';
    let inData = false;
    const say = (what: string) => {
      const answer = answers[what] ?? '500 what?';
      if (answer === 'close') socket.destroy();
      else if (answer !== 'silence') socket.write(`${answer}\r\n`);
      if (what === 'DATA' && answer.startsWith('3')) inData = true;
    };
    say('greeting');
    socket.on('data', (chunk) => {
      rest += chunk.toString('latin1');
      for (let end = rest.indexOf('\r\n'); end >= 0; end = rest.indexOf('\r\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 2);
        if (!inData) say((line.split(' ')[0] ?? '').toUpperCase());
        else if (line === '.') {
          inData = false;
          say('.');
        }
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
