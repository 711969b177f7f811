// Control characters (line ends among them), line separators, and marks that reverse the reading order.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what this is about
const hostile = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u061c\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]|\p{Surrogate}/gu;

const short: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t', '\u001b': '\\e' };

/**
 * The text with everything written out that a terminal or a log would act upon: a name from Central can move no cursor, colour
 * no line, and begin none.
 */
export function visible(text: string): string {
  return text.replace(hostile, (character) => short[character] ?? `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
