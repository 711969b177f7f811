import { listing, of, whole } from '../form.ts';
import type { WebCategory } from '../shapes/web-control.ts';

/** Categories of websites; a bare array (reference, 6.5). */
export const webCategories = {
  list: listing('/endpoint/v1/settings/web-control/categories', whole, of<WebCategory>(), 'list the web categories'),
};
