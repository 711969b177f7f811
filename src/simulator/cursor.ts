/**
 * A place in a feed: everything that sorts at or before it was handed out.
 *
 * Shape    records sort by `at` (created_at), then `lane` (0 generated, 1 added by control), then `index`.
 *          Without `lane` it stands before all records of that instant.
 */
export interface Position {
  readonly at: number;
  readonly lane?: 0 | 1;
  readonly index?: number;
}

/** The opaque text that a reader hands back: base64 of `V2_CURSOR|<ISO ms>Z`, followed by what tells apart records of one millisecond. */
export function encodeCursor(position: Position): string {
  const exact = position.lane === undefined ? '' : `|${position.lane}.${position.index}`;
  return Buffer.from(`V2_CURSOR|${new Date(position.at).toISOString()}${exact}`).toString('base64');
}

const FORM = /^V2_CURSOR\|(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z)(?:\|([01])\.(\d{1,12}))?$/;

/** `null` for what is no cursor. */
export function decodeCursor(text: string): Position | null {
  const [, iso, lane, index] = FORM.exec(Buffer.from(text, 'base64').toString('latin1')) ?? [];
  if (iso === undefined) return null;
  const at = Date.parse(iso);
  if (Number.isNaN(at)) return null;
  return lane === undefined ? { at } : { at, lane: lane === '0' ? 0 : 1, index: Number(index) };
}
