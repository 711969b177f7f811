import { alertOf, sorts } from './catalogue.ts';
import { writeIso } from './clock.ts';
import { mix32, randomFrom, writeHex, writeIdOf } from './random.ts';
import { type Hole, type Template, templateOf } from './slots.ts';

/** Power of two, so that choosing one is a mask. */
const EVENTS = 1024;
const ALERTS = 64;

/** What fills the holes of one item. */
export interface Filling {
  readonly idFamily: number;
  readonly idIndex: number;
  readonly customer: Buffer;
  readonly endpointFamily: number;
  readonly endpoint: number;
  readonly whenAt: number;
  readonly createdAt: number;
}

/**
 * The items of one seed: a fixed set of templates, whose holes are filled for each record.
 *
 * Why      an item is a function of its number, so a million of them cost no memory, and making one is a copy and some digits.
 */
export class Items {
  readonly events: readonly Template[];
  /** Templates of alerts, and at the same place the event that raised each. */
  readonly alerts: readonly Template[];
  readonly raised: readonly Template[];
  readonly #scratch = Buffer.alloc(36);

  constructor(seed: number) {
    const random = randomFrom(seed ^ 0x17e5);
    const total = sorts.reduce((sum, sort) => sum + sort.weight, 0);
    const events: Template[] = [];
    let passed = 0;
    for (const sort of sorts) {
      passed += sort.weight;
      // By share and not by chance: each sort is there, whatever the seed.
      while (events.length < Math.round((passed / total) * EVENTS)) events.push(templateOf(sort.event(random)));
    }
    this.events = events;
    const alarming = sorts.filter((sort) => sort.alert);
    const alerts: Template[] = [];
    const raised: Template[] = [];
    for (let i = 0; i < ALERTS; i++) {
      const sample = (alarming[i % alarming.length] as (typeof alarming)[number]).event(random);
      raised.push(templateOf(sample));
      alerts.push(templateOf(alertOf(sample, random)));
    }
    this.alerts = alerts;
    this.raised = raised;
  }

  event(hash: number): Template {
    return this.events[hash & (EVENTS - 1)] as Template;
  }

  alert(hash: number): Template {
    return this.alerts[hash & (ALERTS - 1)] as Template;
  }

  raising(hash: number): Template {
    return this.raised[hash & (ALERTS - 1)] as Template;
  }

  /** Writes the id that an item of this family and number has. */
  writeId(out: Buffer, at: number, family: number, index: number): void {
    writeIdOf(out, at, family, index);
  }

  /** Writes an item; returns where it ends. */
  write(out: Buffer, at: number, template: Template, filling: Filling): number {
    out.set(template.bytes, at);
    for (const hole of template.holes) this.#fill(out, at + hole.at, hole, filling);
    return at + template.bytes.length;
  }

  #fill(out: Buffer, at: number, hole: Hole, filling: Filling): void {
    switch (hole.slot) {
      case 'id':
        writeIdOf(out, at, filling.idFamily, filling.idIndex);
        break;
      case 'customer':
        out.set(filling.customer, at);
        break;
      case 'endpoint':
        writeIdOf(out, at, filling.endpointFamily, filling.endpoint);
        break;
      case 'when':
        writeIso(out, at, filling.whenAt);
        break;
      case 'created':
        writeIso(out, at, filling.createdAt);
        break;
      case 'createdMs':
        out.write(String(filling.createdAt), at, 'latin1');
        break;
      case 'host':
        out.write(String(10_000 + (filling.endpoint % 10_000)).slice(1), at, 'latin1');
        break;
      case 'user':
        for (let i = 0; i < 3; i++) writeHex(out, at + 8 * i, mix32(filling.endpointFamily ^ (filling.endpoint + i * 7919)), 8);
        break;
      case 'rawId':
        out.write(this.#rawId(filling).toString('base64'), at, 'latin1');
        break;
      case 'javaId':
        out.write(this.#javaId(filling), at, 'latin1');
        break;
    }
  }

  #rawId(filling: Filling): Buffer {
    writeIdOf(this.#scratch, 0, filling.idFamily, filling.idIndex);
    return Buffer.from(this.#scratch.toString('latin1').replaceAll('-', ''), 'hex');
  }

  #javaId(filling: Filling): string {
    const swapped = this.#rawId(filling).map((byte) => ((byte & 15) << 4) | (byte >> 4));
    return Buffer.from(swapped)
      .toString('hex')
      .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  }
}

/** How long before it was stored a record says that it happened: mostly moments, now and then hours. */
export function lagMs(hash: number): number {
  const chance = hash & 1023;
  const amount = mix32(hash ^ 0x1a6) / 0x1_0000_0000;
  if (chance < 8) return Math.floor(amount * 8 * 3_600_000);
  if (chance < 60) return Math.floor(amount * 600_000);
  return Math.floor(amount * 9000);
}
