import { openMemoryStore } from '../../src/journal/memory.ts';
import { journalLaws } from '../laws/journal.laws.ts';

journalLaws('memory', async (clock) => {
  const store = openMemoryStore({ clock });
  return { store, close: () => store.close() };
});
