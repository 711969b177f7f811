import type { RecordFilter } from './filter.ts';
import { compileFilter } from './filter.ts';

/** Filters that many want, by name: a route says `preset: pua-mail`. */
export const routePresets = {
  /** Detections of potentially unwanted applications, by all engines; the pattern for those that Sophos adds. */
  'pua-mail': `type in [
    "Event::Endpoint::Threat::PuaDetected",
    "Event::Endpoint::HmpaPuaDetected",
    "Event::Endpoint::CorePuaDetection",
    "Event::Endpoint::CorePuaRemoteDetection",
    "Event::Endpoint::HomePuaRemnantsDetected"
  ] or type ~ "*Pua*Detect*"`,
} as const;

export type RoutePreset = keyof typeof routePresets;

export const routePresetNames = ['pua-mail'] as const satisfies readonly RoutePreset[];

/** The filter of a preset; records must pass `own` as well, if there is one. */
export async function presetFilter(preset: RoutePreset, own: RecordFilter | undefined): Promise<RecordFilter> {
  const first = await compileFilter(routePresets[preset]);
  if (!own) return first;
  return {
    text: `(${first.text}) and (${own.text})`,
    paths: [...new Set([...first.paths, ...own.paths])],
    test: (record, origin) => first.test(record, origin) && own.test(record, origin),
  };
}
