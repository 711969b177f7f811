import type { Facts } from '../meaning/facts.ts';
import type { Action, Meaning } from '../meaning/words.ts';

/** The data models that a record belongs to: names as `Model.Dataset`, and the tags by which Splunk finds them. */
export interface Models {
  readonly names: readonly string[];
  readonly tags: readonly string[];
  /** The first model's name decides which fields are written. */
  readonly first: string | undefined;
}

const alert: Models = { names: ['Alerts.Alerts'], tags: ['alert'], first: 'Alerts' };
const none: Models = { names: [], tags: [], first: undefined };

/** Statuses of the model Updates. An update of which nothing else is known is no row of it. */
const updateStatuses: Readonly<Partial<Record<Action, string>>> = {
  updated: 'installed',
  succeeded: 'installed',
  failed: 'failure',
  'reboot-required': 'restart required',
  outdated: 'available',
};

/** The models of a record. An alert is one only, and its event what it tells of: else each attack would be counted twice. */
export function modelsOf({ isAlert, meaning, change, stream }: Facts): Models {
  if (isAlert) return alert;
  const { cim } = meaning;
  // A setting that is listed is no change; one that changed is.
  if (cim === undefined || (cim.model === 'Change' && stream !== 'events' && change === undefined)) return none;
  const isUpdate = updateStatus(meaning) !== undefined;
  const own = `${cim.model}.${cim.dataset}`;
  return {
    names: isUpdate ? [own, 'Updates.Updates'] : [own],
    tags: isUpdate ? [...cim.tags, 'update', 'status'] : cim.tags,
    first: cim.model,
  };
}

/** `status` of the model Updates. */
export function updateStatus({ category, action }: Meaning): string | undefined {
  return category === 'update' ? updateStatuses[action] : undefined;
}
