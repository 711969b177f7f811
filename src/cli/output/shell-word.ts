/** One word of a POSIX shell, for command lines that are shown to be copied. What is plain stays as it is. */
export function shellWord(text: string): string {
  return /^[\w./@%:+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
