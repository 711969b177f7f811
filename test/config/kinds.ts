/** Small registers for the tests of the configuration, so that these do not change with the real kinds. */

import type { Registers } from '../../src/config/registers.ts';
import { defineFormat, defineSink } from '../../src/core/kinds.ts';
import { choice, duration, either, flag, integer, list, object, secretText, text } from '../../src/core/schema.ts';
import { json } from '../../src/formats/json.ts';
import { raw } from '../../src/formats/raw.ts';
import { file } from '../../src/sinks/file.ts';
import { stdout } from '../../src/sinks/stdout.ts';

const hec = defineSink({
  name: 'splunk-hec',
  summary: 'Something like Splunk',
  options: object({
    url: either(
      text()
        .refine(isUrl, 'expected `https://host:8088`')
        .meta({ examples: ['https://splunk.example.com:8088'] }),
      list(text()),
    ).describe('Where'),
    token: secretText().describe('The token'),
    ack: flag().default(false).describe('Acknowledgement'),
    ackPollMs: integer({ min: 50 }).default(1000).describe('Pause'),
    ackTimeoutMs: integer({ min: 50 }).default(300_000).describe('Patience'),
    sourcetype: text().optional().describe('A template'),
    index: text().optional().describe('A template'),
    batch: object({ records: integer({ min: 1, max: 1000 }).default(10).describe('Most records') })
      .prefault({})
      .describe('How much'),
  }),
  open: () => Promise.reject(new Error('never opened here')),
});

const dressed = defineFormat({
  name: 'dressed',
  summary: 'A format with options',
  options: object({ convertDhost: flag().default(true).describe('Convert') }),
  open: () => raw.open({}),
});

const window = object({
  since: duration().optional().describe('From'),
  excludeTypes: list(text()).default([]).describe('Not these'),
  mode: choice('all', 'new').optional().describe('Which'),
});
const days = object({ days: integer({ min: 1, max: 90 }).default(1).describe('Days') });

function isUrl(value: string): boolean {
  return URL.canParse(value);
}

function stream(name: string, options: unknown, everyMs: number) {
  return { name, summary: `The stream ${name}`, options, everyMs, pageSize: { min: 200, max: 1000 } };
}

export const registers = {
  streams: [
    stream('events', window, 60_000),
    stream('siem-alerts', window, 60_000),
    stream('alerts', days, 300_000),
    stream('endpoints', object({}), 86_400_000),
  ],
  sinks: [stdout, file, hec],
  formats: [raw, json, dressed],
} as unknown as Registers;
