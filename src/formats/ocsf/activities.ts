/** Bodies of the activity classes: sites, programs, peripherals, scans, updates. */
import type { Facts } from '../meaning/facts.ts';
import type { Category } from '../meaning/words.ts';
import { malwareOf } from './evidences.ts';
import type { Part, Parts } from './parts.ts';
import { urlOf } from './url.ts';

export function httpActivity(facts: Facts, { device, actor }: Parts): Part {
  const { url = '', webCategory } = facts.told;
  return { http_request: { url: urlOf(url, webCategory) }, malware: malwareOf(facts), device, actor };
}

/** Central tells the program and not the process: the event's own id stands for it. */
export function processActivity({ told, id, text }: Facts, { device, actor }: Parts): Part {
  const name = told.application ?? text;
  return {
    process: { uid: id ?? '', name, file: name === undefined ? undefined : { name, type_id: 8, type: 'Executable File', desc: told.applicationCategory } },
    device,
    actor,
  };
}

export function peripheralActivity({ told }: Facts, { device, actor }: Parts): Part {
  return { peripheral_device: { name: told.peripheral ?? '', class: 'Unknown' }, device, actor };
}

export function scanActivity({ told }: Facts, { device, actor }: Parts): Part {
  const name = told.scan ?? 'Scan';
  const isScheduled = name.includes('Scheduled');
  return { scan: { name, type_id: isScheduled ? 2 : 0, type: isScheduled ? 'Scheduled' : 'Unknown' }, device, actor };
}

/** What was updated or started, where it is not the endpoint's own software. */
const products: Readonly<Partial<Record<Category, string>>> = {
  license: 'Sophos Central',
  certificate: 'Sophos Central',
  'mobile-service': 'Sophos Mobile',
};

export function applicationLifecycle({ meaning: { category }, type = '' }: Facts, { device, actor }: Parts): Part {
  if (category === 'software') return { app: { name: 'Installed programs' }, device, actor };
  const name =
    products[category] ??
    (/^Event::(?:Firewall|Other)::/.test(type) ? 'Sophos Firewall' : type.startsWith('Event::Wireless::') ? 'Sophos Wireless' : 'Sophos Endpoint');
  return { app: { name, vendor_name: 'Sophos' }, device, actor };
}
