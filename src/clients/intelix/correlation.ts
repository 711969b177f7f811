import { Failure } from '../../core/failure.ts';

/** The name that one call has on both sides: what was given, or a version 4 UUID. */
export function correlationIdOf(given: string | undefined, random: () => number): string {
  if (given === undefined) return uuid(random);
  if (/^[\x21-\x7e]{1,128}$/.test(given)) return given;
  throw new Failure('rejected', 'intelix.bad-input', 'The `correlationId` cannot stand in a header: nothing was sent', {
    advice: 'Give 1 to 128 visible ASCII characters without blanks, such as a UUID, or leave it out.',
  });
}

export function randomHex(bytes: number, random: () => number): string {
  return Array.from({ length: bytes }, () =>
    Math.floor(random() * 256)
      .toString(16)
      .padStart(2, '0'),
  ).join('');
}

function uuid(random: () => number): string {
  const hex = randomHex(16, random);
  const variant = '89ab'[Math.floor(random() * 4)];
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
