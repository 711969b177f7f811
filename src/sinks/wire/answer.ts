import { longestFirst, spellingsOf, struckOut } from '../../core/secret.ts';
import type { HttpReply, Secret } from '../../core/world.ts';

/** Longest text of a far end in one message. */
const longest = 120;
/** So much of a body is looked at. */
const lookedAt = 4000;
/** Of a body that may be 256 MB; far more than is looked at, so that no secret is cut unseen. */
const decoded = 65_536;
/** Shorter ones would make every text unreadable. */
const shortest = 4;

/** Makes the far end's words fit for a message: one line, of some length, no control characters, no secret of ours. */
export type Clean = (text: string) => string;

/** Cleans of these secrets, in all their spellings. */
export function cleanOf(secrets: readonly Secret[]): Clean {
  const hidden = longestFirst(
    secrets.flatMap((each) => spellingsOf(each.reveal())),
    shortest,
  );
  const most = lookedAt + (hidden[0]?.length ?? 0);
  return (text) => {
    const cut = text.length > most ? withoutHalf(text.slice(0, most), hidden) : text;
    const safe = struckOut(cut, hidden)
      .replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ')
      .trim();
    return safe.length > longest ? `${safe.slice(0, longest)}...` : safe;
  };
}

/** What came back, in few words that are safe in a log; never a whole page. */
export function describeAnswer({ status, headers, body }: HttpReply, clean: Clean): string {
  const location = headers.location === undefined ? '' : ` to ${clean(headers.location.replace(/[?#].*$/s, ''))}`;
  if (body.length === 0) return `HTTP ${status}${location}, an empty body`;
  const type = headers['content-type'] === undefined ? '' : ` of type ${clean(headers['content-type'])}`;
  return `HTTP ${status}${location}, a body${type}: ${clean(body.toString('utf8', 0, decoded))}`;
}

/** The body as a JSON object; undefined when it is none. */
export function readAnswer(body: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
    return isObject(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without the beginning of a secret at its end, which would not be recognised. */
function withoutHalf(text: string, hidden: readonly string[]): string {
  let end = text.length;
  for (const form of hidden)
    for (let length = Math.min(form.length, text.length); length >= shortest; length--)
      if (text.endsWith(form.slice(0, length))) {
        end = Math.min(end, text.length - length);
        break;
      }
  return text.slice(0, end);
}
