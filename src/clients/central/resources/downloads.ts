import { of, reading } from '../form.ts';
import type { DownloadQuery, Downloads } from '../shapes/software.ts';

/** Installers (reference, 6.4). */
export const downloads = {
  get: reading('/endpoint/v1/downloads', of<Downloads, DownloadQuery>(), 'read the installers'),
};
