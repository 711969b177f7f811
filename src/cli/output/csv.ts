/** A cell of a table or a CSV file, before it is written. */
export type Cell = string | number | boolean | null | undefined;

/**
 * One line of CSV (RFC 4180), with its CRLF.
 *
 * Shape    a text that a spreadsheet would take for a formula begins with `'`; numbers stay numbers.
 */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

function csvCell(cell: Cell): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell !== 'string') return String(cell);
  // https://owasp.org/www-community/attacks/CSV_Injection: these begin a formula, full-width forms too.
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
