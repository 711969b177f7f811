import type { FormatKind } from '../core/kinds.ts';
import { cef } from './cef.ts';
import { cim } from './cim.ts';
import { ecs } from './ecs.ts';
import { json } from './json.ts';
import { keyvalue } from './keyvalue.ts';
import { leef } from './leef.ts';
import { ocsf } from './ocsf.ts';
import { raw } from './raw.ts';
import { siemCef } from './siem-cef.ts';
import { siemJson } from './siem-json.ts';
import { siemKeyvalue } from './siem-keyvalue.ts';
import { text } from './text.ts';

/** Every format there is. Options are checked by each kind's own schema, so here they are unknown. */
export const formats: readonly FormatKind<unknown>[] = [raw, json, siemJson, siemCef, siemKeyvalue, text, cef, leef, keyvalue, ocsf, ecs, cim];
