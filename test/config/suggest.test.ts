import { expect, it } from 'vitest';
import { suggest } from '../../src/config/suggest.ts';

const words = ['events', 'endpoints', 'siem-alerts', 'alerts', 'splunk-hec', 'stdout', 'file', 'every', 'clientSecret'];

it.each([
  ['evnets', 'events'],
  ['event', 'events'],
  ['Events', 'events'],
  ['siemAlerts', 'siem-alerts'],
  ['siem_alert', 'siem-alerts'],
  ['splunk', 'splunk-hec'],
  ['stduot', 'stdout'],
  ['fiel', 'file'],
  ['evry', 'every'],
  ['client_secret', 'clientSecret'],
  ['clientSecert', 'clientSecret'],
  ['alters', 'alerts'],
])('for %s it is %s', (word, meant) => {
  expect(suggest(word, words)).toBe(meant);
});

it.each(['', 'x', 'wibble', 'ec', 'constructor', 'e'.repeat(500)])('for `%s` there is none', (word) => {
  expect(suggest(word, words)).toBeUndefined();
});

it('without candidates there is none', () => {
  expect(suggest('events', [])).toBeUndefined();
});
