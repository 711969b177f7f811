import { journalLaws } from '../laws/journal.laws.ts';
import { journalFolder } from './folders.ts';

journalLaws('SQLite', async (clock) => {
  const folder = await journalFolder(clock);
  return { store: await folder.open(), close: () => folder.remove() };
});
