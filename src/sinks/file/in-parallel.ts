/**
 * Runs `work` on every item, at most `width` at once, begun in order.
 *
 * Throws   the first failure, after everything that was under way has ended; nothing new is begun after it.
 */
export async function inParallel<T>(items: Iterable<T>, width: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = items[Symbol.iterator]();
  let failed = false;
  let failure: unknown;
  async function lane(): Promise<void> {
    for (let next = rest.next(); !failed && !next.done; next = rest.next()) {
      try {
        await work(next.value);
      } catch (error) {
        if (!failed) failure = error;
        failed = true;
      }
    }
  }
  await Promise.all(Array.from({ length: width }, lane));
  if (failed) throw failure;
}
