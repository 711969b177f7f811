import { describe, expect, it } from 'vitest';
import { openAsides } from '../../src/engine/asides.ts';

const acme = { id: 'acme', name: 'Acme', labels: {} };

describe('a tenant of which something is refused', () => {
  it('is set aside, once told, while nothing else of it was read', () => {
    const asides = openAsides();
    expect(asides.refused(acme, 'events')).toEqual({ isTenant: true, isNews: true });
    expect(asides.refused(acme, 'siem-alerts')).toEqual({ isTenant: true, isNews: false });
    expect(asides.refused(acme, 'events')).toEqual({ isTenant: true, isNews: false });
    expect(asides.isReadable('acme')).toBe(false);
  });

  it('is not set aside when another stream of it can be read; each refused one is told once', () => {
    const asides = openAsides();
    expect(asides.read(acme, 'events')).toBe(false);
    expect(asides.refused(acme, 'detections')).toEqual({ isTenant: false, isNews: true });
    expect(asides.refused(acme, 'detections')).toEqual({ isTenant: false, isNews: false });
    expect(asides.refused(acme, 'cases')).toEqual({ isTenant: false, isNews: true });
    expect(asides.isReadable('acme')).toBe(true);
  });

  it('is taken back by the first stream that can be read, and set aside again when that is refused too', () => {
    const asides = openAsides();
    asides.refused(acme, 'detections');
    expect(asides.read(acme, 'events')).toBe(true);
    expect(asides.read(acme, 'events')).toBe(false);
    expect(asides.refused(acme, 'events')).toEqual({ isTenant: true, isNews: true });
    expect(asides.isReadable('acme')).toBe(false);
  });

  it('that an earlier run set aside is taken back as well, and told again when it is still refused', () => {
    const asides = openAsides();
    asides.mark('acme');
    expect(asides.refused(acme, 'events')).toEqual({ isTenant: true, isNews: true });
    const later = openAsides();
    later.mark('acme');
    expect(later.read(acme, 'events')).toBe(true);
  });
});
