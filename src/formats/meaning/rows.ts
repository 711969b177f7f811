import type { Action, Category } from './words.ts';

/** Types under their category and action; several types are parted by blanks. */
export type Rows = Readonly<Partial<Record<Category, Readonly<Partial<Record<Action, string>>>>>>;

/** One row of the tables: a type without `Event::`, or a family that ends in `*`. */
export interface Row {
  readonly type: string;
  readonly category: Category;
  readonly action: Action;
}

/** The rows one by one, in the order in which they are written. */
export function rowsOf(rows: Rows): Row[] {
  return (Object.keys(rows) as Category[]).flatMap((category) =>
    (Object.keys(rows[category] ?? {}) as Action[]).flatMap((action) =>
      (rows[category]?.[action] ?? '')
        .trim()
        .split(/\s+/)
        .map((type) => ({ type, category, action })),
    ),
  );
}
