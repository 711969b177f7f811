import { acting, listing, type NoQuery, of, reading, removing, triggering, whole } from '../form.ts';
import type { Deleted } from '../shapes/parts.ts';
import type { PackageComment, PackageCommentChange, SoftwarePackage, StaticPackageQuery } from '../shapes/software.ts';

const fixed = '/endpoint/v1/software/packages/static';
const comments = '/endpoint/v1/software/comments';

/** Versions of the software that endpoints are held at (reference, 6.4). */
export const packages = {
  recommended: listing('/endpoint/v1/software/packages/recommended', whole, of<SoftwarePackage>(), 'list the recommended packages'),
  list: listing(fixed, whole, of<SoftwarePackage, StaticPackageQuery>(), 'list the static packages'),
  get: reading(`${fixed}/{staticPackageId}`, of<SoftwarePackage>(), 'read a static package'),
  /** One that Sophos has told the id of. */
  add: triggering(`${fixed}/{staticPackageId}/add`, of<SoftwarePackage>(), 'add a static package'),
  comments: listing(comments, whole, of<PackageComment>(), 'list the comments on packages'),
  comment: reading(`${comments}/{staticPackageId}`, of<PackageComment>(), 'read the comment on a package'),
  setComment: acting('PUT', `${comments}/{staticPackageId}`, of<PackageComment, NoQuery, PackageCommentChange>(), 'comment on a package'),
  deleteComment: removing(`${comments}/{staticPackageId}`, of<Deleted>(), 'delete the comment on a package'),
};
