import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldName, safeTenantName, tellApart } from '../../src/core/tenant-name.ts';

const id = '0c8f0b5e-2f0b-4d7c-9a60-1f4d3c2b1a00';
const safe = (name: string) => safeTenantName({ id, name });

describe('a tenant name in a path', () => {
  it('stays as it is where that is harmless', () => {
    for (const name of ['Acme', 'Müller & Söhne GmbH', 'Ångström, Inc', '日本', 'a.b-c_d (e)', '🐘']) expect(safe(name)).toBe(name.normalize('NFC'));
  });

  it('loses what has a meaning in paths', () => {
    expect(safe('a/b\\c:d*e?f"g<h>i|j')).toBe('a_b_c_d_e_f_g_h_i_j');
    expect(safe('../../etc/passwd')).toBe('_.._etc_passwd');
    expect(safe('.hidden. ')).toBe('hidden');
    expect(safe('a\0b\nc\u202ed\u200be')).toBe('a_b_c_d_e');
  });

  it('is never a device of Windows', () => {
    for (const name of ['CON', 'con', 'Prn.txt', 'AUX', 'nul.a.b', 'COM1', 'lpt9.log', 'COM¹']) expect(safe(name)).toBe(`_${name}`);
    expect(safe('console')).toBe('console');
  });

  it('becomes the id when nothing is left', () => {
    for (const name of ['', '...', ' . ', '///', '\u0000']) expect(safe(name)).toBe(id);
    expect(safeTenantName({ id: '', name: '' })).toBe('tenant');
  });

  it('is cut to 80 bytes between characters', () => {
    expect(safe('ä'.repeat(60))).toBe('ä'.repeat(40));
    expect(safe('🐘'.repeat(30))).toBe('🐘'.repeat(20));
    expect(safe(`${'x'.repeat(79)}ä`)).toBe('x'.repeat(79));
    expect(tellApart('ä'.repeat(40), id)).toBe(`${'ä'.repeat(35)}_0c8f0b5e`);
  });

  it('is told apart by eight digits of its id, of whatever form that is', () => {
    expect(tellApart('Acme', id)).toBe('Acme_0c8f0b5e');
    expect(tellApart('Acme', 'legacy-A1B2C3D4E5F6')).toBe('Acme_a1b2c3d4');
    expect(tellApart('Acme', 'x')).toMatch(/^Acme_[0-9a-f]{8}$/);
  });

  it('is the same for names that some system takes for the same', () => {
    for (const [a, b] of [
      ['ACME', 'acme'],
      ['Straße', 'STRASSE'],
      ['Mu\u0308ller', 'MÜLLER'],
      ['ﬁrma', 'FIRMA'],
    ] as const)
      expect(foldName(a)).toBe(foldName(b));
    expect(foldName('acme')).not.toBe(foldName('acne'));
  });

  it('is harmless whatever it was', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (name) => {
        for (const made of [safe(name), tellApart(safe(name), id)]) {
          expect(Buffer.byteLength(made)).toBeLessThanOrEqual(80);
          expect(made).not.toMatch(/[\p{Cc}\p{Cs}<>:"/\\|?*]|^[. ]|[. ]$|^$/u);
          expect(made).not.toMatch(/^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
