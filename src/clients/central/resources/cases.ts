import { acting, byPageOf, listing, type NoQuery, of, reading, removing } from '../form.ts';
import type { Case, CaseChange, CaseDetectionsQuery, CasesQuery, ImpactedEntitiesQuery, ImpactedEntity, MitreSummary, NewCase } from '../shapes/cases.ts';
import type { Detection } from '../shapes/detections.ts';
import type { Deleted } from '../shapes/parts.ts';

/** Cases of one's own, and of Sophos' analysts (reference, 7.3). */
export const cases = {
  list: listing('/cases/v1/cases', byPageOf(50), of<Case, CasesQuery>(), 'list the cases'),
  create: acting('POST', '/cases/v1/cases', of<Case, NoQuery, NewCase>(), 'create a case'),
  get: reading('/cases/v1/cases/{caseId}', of<Case>(), 'read a case'),
  update: acting('PATCH', '/cases/v1/cases/{caseId}', of<Case, NoQuery, CaseChange>(), 'change a case'),
  delete: removing('/cases/v1/cases/{caseId}', of<Deleted>(), 'delete a case'),
  detections: listing('/cases/v1/cases/{caseId}/detections', byPageOf(50), of<Detection, CaseDetectionsQuery>(), 'list the detections of a case'),
  detection: reading('/cases/v1/cases/{caseId}/detections/{detectionId}', of<Detection>(), 'read a detection of a case'),
  impactedEntities: listing(
    '/cases/v1/cases/{caseId}/impacted-entities',
    byPageOf(50),
    of<ImpactedEntity, ImpactedEntitiesQuery>(),
    'list what a case is about',
  ),
  mitreSummary: reading('/cases/v1/cases/{caseId}/mitre-attack-summary', of<MitreSummary>(), 'read the MITRE summary of a case'),
};
