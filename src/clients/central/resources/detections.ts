import { byPageOf, listing, type NoQuery, of, querying, reading } from '../form.ts';
import type { Detection, DetectionCounts, DetectionCountsQuery, DetectionGroup, DetectionsQuery, DetectionsRun } from '../shapes/detections.ts';

/** What sensors saw (reference, 7.2). A search runs on its own: runs.ts waits for it. */
export const detections = {
  start: querying('/detections/v1/queries/detections', of<DetectionsRun, NoQuery, DetectionsQuery>(), 'search for detections'),
  run: reading('/detections/v1/queries/detections/{runId}', of<DetectionsRun>(), 'ask how far the search for detections has come'),
  results: listing('/detections/v1/queries/detections/{runId}/results', byPageOf(100), of<Detection>(), 'list the detections'),
  counts: reading('/detections/v1/queries/detections/counts', of<DetectionCounts, DetectionCountsQuery>(), 'count the detections'),
};

/** The same, grouped by rule and sensor (reference, 7.2). */
export const detectionGroups = {
  start: querying('/detections/v1/queries/detection-groups', of<DetectionsRun, NoQuery, DetectionsQuery>(), 'search for detection groups'),
  run: reading('/detections/v1/queries/detection-groups/{runId}', of<DetectionsRun>(), 'ask how far the search for detection groups has come'),
  results: listing('/detections/v1/queries/detection-groups/{runId}/results', byPageOf(100), of<DetectionGroup>(), 'list the detection groups'),
};
