import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { lines, type Visitor, withSimulator } from './client.ts';

const CHANNEL = '11111111-2222-4333-8444-555555555555';
const envelope = (n: number, more: object = {}) =>
  JSON.stringify({ time: 1795158472.085, event: { n, odd: '}{"\\' }, fields: { sophos_record: `t/events/${n}` }, ...more });
const summary = async (at: Visitor) => (await at.sim('GET', 'hec')).json;
const acked = (at: Visitor) => ({ authorization: `Splunk ${at.simulator.hecAckToken}`, 'x-splunk-request-channel': CHANNEL });
const ask = (at: Visitor, acks: unknown, headers = acked(at)) => at.request('POST', '/services/collector/ack', headers, JSON.stringify({ acks }));

describe('the event collector', () => {
  test('indexes concatenated envelopes, plain and gzipped, and tells what it has', () =>
    withSimulator({}, async (at) => {
      expect((await at.hec(envelope(1) + envelope(2))).json).toEqual({ text: 'Success', code: 0 });
      const more = `${envelope(3, { index: 'sophos', sourcetype: 's' })}\n\r\n ${envelope(1)}\n{"event":"text"}`;
      expect((await at.hec(gzipSync(more), { 'content-encoding': 'gzip' }, '/services/collector')).status).toBe(200);
      expect(await summary(at)).toMatchObject({
        indexed: 5,
        distinct: 3,
        repeated: 1,
        requests: 2,
        byIndex: { main: 4, sophos: 1 },
        bySourcetype: { httpevent: 4, s: 1 },
      });
      expect(lines((await at.sim('GET', 'hec?list=ids')).text)).toEqual(['t/events/1', 't/events/2', 't/events/3', 't/events/1', null]);
      const kept = lines((await at.sim('GET', 'hec?list=events')).text);
      expect(kept[0]).toEqual(JSON.parse(envelope(1)));
      await at.sim('DELETE', 'hec');
      expect(await summary(at)).toMatchObject({ indexed: 0, distinct: 0 });
    }));

  test('answers every refusal with its status, code and event number', () =>
    withSimulator({}, async (at) => {
      await at.sim('POST', 'hec/faults', { indexes: ['main', 'sophos'] });
      const good = envelope(1);
      const table: [string, number, number, number | undefined][] = [
        ['', 400, 5, undefined],
        ['   \n', 400, 5, undefined],
        ['[1]', 400, 6, 0],
        [`${good}{"event":`, 400, 6, 1],
        [`${good}${good}{"event":1,"time":"noon"}`, 400, 6, 2],
        ['{"time":1}', 400, 12, 0],
        [`${good}{"event":null}`, 400, 12, 1],
        ['{"event":" "}', 400, 13, 0],
        ['{"event":1,"index":"secret"}', 400, 7, 0],
        ['{"event":1,"fields":{"a":{"b":1}}}', 400, 15, 0],
        ['{"event":1,"fields":[1]}', 400, 15, 0],
      ];
      for (const [body, status, code, number] of table) {
        const answer = await at.hec(body);
        expect([body, answer.status, answer.json.code, answer.json['invalid-event-number']]).toEqual([body, status, code, number]);
      }
      expect((await at.hec('not gzip', { 'content-encoding': 'gzip' })).json.code).toBe(6);
      expect((await at.hec('{}', {}, '/services/collector/raw')).status).toBe(404);
    }));

  test('keeps events before a bad one, or none when told to be atomic', () =>
    withSimulator({}, async (at) => {
      await at.hec(`${envelope(1)}${envelope(2)}{"event":""}${envelope(3)}`);
      expect(await summary(at)).toMatchObject({ indexed: 2 });
      await at.sim('POST', 'hec/faults', { atomic: true, refuse: { pattern: 'poison' } });
      expect((await at.hec(`${envelope(4)}{"event":"poison"}`)).json).toMatchObject({ code: 6, 'invalid-event-number': 1 });
      expect(await summary(at)).toMatchObject({ indexed: 2 });
    }));

  test('asks for a token that it knows and that is enabled', () =>
    withSimulator({}, async (at) => {
      const codes = async (headers: Record<string, string>, path = '/services/collector') => {
        const answer = await at.request('POST', path, headers, envelope(1));
        return [answer.status, answer.json.code];
      };
      expect(await codes({})).toEqual([401, 2]);
      expect(await codes({ authorization: 'Basic eDp5' })).toEqual([401, 3]);
      expect(await codes({ authorization: 'Splunk nonsense' })).toEqual([403, 4]);
      expect(await codes({}, `/services/collector?token=${at.simulator.hecToken}`)).toEqual([400, 16]);
      await at.sim('POST', 'hec/faults', { disabledToken: true });
      expect(await codes({ authorization: `Splunk ${at.simulator.hecToken}` })).toEqual([403, 1]);
    }));

  test('refuses what is too large, also when it is small on the wire', () =>
    withSimulator({}, async (at) => {
      await at.sim('POST', 'hec/faults', { maxBytes: 1000 });
      const large = JSON.stringify({ event: 'x'.repeat(5000) });
      expect((await at.hec(large)).status).toBe(413);
      expect((await at.hec(gzipSync(large), { 'content-encoding': 'gzip' })).status).toBe(413);
      expect((await at.hec(envelope(1))).status).toBe(200);
    }));

  test('tells its health', () =>
    withSimulator({}, async (at) => {
      const health = () => at.request('GET', '/services/collector/health');
      expect([(await health()).status, (await health()).json.code]).toEqual([200, 17]);
      await at.sim('POST', 'hec/faults', { health: 18 });
      expect([(await health()).status, (await health()).json.code]).toEqual([503, 18]);
    }));
});

describe('acknowledgements', () => {
  test('count from 0 in each channel, and are told once', () =>
    withSimulator({}, async (at) => {
      const other = { ...acked(at), 'x-splunk-request-channel': CHANNEL.replace('1', 'a') };
      expect((await at.hec(envelope(1), acked(at))).json).toEqual({ text: 'Success', code: 0, ackId: 0 });
      expect((await at.hec(envelope(2), acked(at))).json.ackId).toBe(1);
      expect((await at.hec(envelope(3), other)).json.ackId).toBe(0);
      expect((await ask(at, [0, 1, 2])).json).toEqual({ acks: { 0: true, 1: true, 2: false } });
      expect((await ask(at, [0, 1])).json).toEqual({ acks: { 0: false, 1: false } });
      const query = await at.request(
        'POST',
        `/services/collector/ack?channel=${other['x-splunk-request-channel']}`,
        { authorization: other.authorization },
        '{"acks":[0]}',
      );
      expect(query.json).toEqual({ acks: { 0: true } });
    }));

  test('need a channel that is a GUID, and a token that has them on', () =>
    withSimulator({}, async (at) => {
      const { authorization } = acked(at);
      expect((await at.hec(envelope(1), { authorization })).json.code).toBe(10);
      expect((await at.hec(envelope(1), { authorization, 'x-splunk-request-channel': 'mine' })).json.code).toBe(11);
      expect((await ask(at, [0], { ...acked(at), authorization: `Splunk ${at.simulator.hecToken}` })).json.code).toBe(14);
      expect((await ask(at, 'all')).json.code).toBe(6);
      expect(await summary(at)).toMatchObject({ indexed: 0 });
    }));

  test('come later, never, or for nothing that was indexed, on request', () =>
    withSimulator({}, async (at) => {
      await at.sim('POST', 'hec/faults', { ackDelayMs: 60_000 });
      await at.hec(envelope(1), acked(at));
      expect((await ask(at, [0])).json.acks[0]).toBe(false);
      await at.sim('POST', 'clock', { advanceMs: 61_000 });
      expect((await ask(at, [0])).json.acks[0]).toBe(true);
      await at.sim('DELETE', 'hec/faults');
      await at.sim('POST', 'hec/faults', { neverAck: 1 });
      await at.hec(envelope(2), acked(at));
      expect([(await ask(at, [1])).json.acks[1], (await summary(at)).indexed]).toEqual([false, 2]);
      await at.sim('POST', 'hec/faults', { neverAck: 0, lostAck: 1 });
      await at.hec(envelope(3), acked(at));
      expect([(await ask(at, [2])).json.acks[2], (await summary(at)).indexed]).toEqual([false, 2]);
      await at.sim('DELETE', 'hec/faults');
      await at.hec(envelope(4), acked(at));
      await at.sim('POST', 'hec/restart');
      expect((await ask(at, [3])).json.acks[3]).toBe(false);
    }));
});

describe('faults of the collector', () => {
  test('are down, reset, busy, lost replies and bare statuses', () =>
    withSimulator({}, async (at) => {
      await at.sim('POST', 'hec/faults', { down: true });
      expect([(await at.hec(envelope(1))).status, (await at.hec(envelope(1))).json.code]).toEqual([503, 9]);
      await at.sim('POST', 'hec/faults', { how: 'reset' });
      await expect(at.hec(envelope(1))).rejects.toThrow();
      await at.sim('DELETE', 'hec/faults');
      await at.sim('POST', 'hec/faults', { codes: { 8: 1 }, times: 2 });
      expect([(await at.hec(envelope(1))).json.code, (await at.hec(envelope(1))).status, (await at.hec(envelope(1))).status]).toEqual([8, 500, 200]);
      await at.sim('DELETE', 'hec/faults');
      await at.sim('POST', 'hec/faults', { statuses: { 502: 1 } });
      expect((await at.hec(envelope(1))).status).toBe(502);
      await at.sim('DELETE', 'hec/faults');
      await at.sim('POST', 'hec/faults', { loseReply: 1 });
      await expect(at.hec(envelope(2))).rejects.toThrow();
      expect(await summary(at)).toMatchObject({ indexed: 2, distinct: 2 });
      await at.sim('DELETE', 'hec/faults');
      await at.sim('POST', 'hec/faults', { hang: 1, hangMs: 30 });
      await expect(at.hec(envelope(3))).rejects.toThrow();
      await at.sim('DELETE', 'hec/faults');
      await at.sim('POST', 'hec/faults', { slowMs: 30 });
      const started = performance.now();
      expect((await at.hec(envelope(4))).status).toBe(200);
      expect(performance.now() - started).toBeGreaterThan(25);
      expect((await at.sim('POST', 'hec/faults', { downn: true })).status).toBe(400);
    }));

  test('tells apart a hundred thousand records', () =>
    withSimulator({}, async (at) => {
      for (let from = 0; from < 100_000; from += 10_000) {
        let body = '';
        for (let n = from; n < from + 10_000; n++) body += `{"event":1,"fields":{"sophos_record":"r/${n % 99_000}"}}`;
        expect((await at.hec(body)).status).toBe(200);
      }
      expect(await summary(at)).toMatchObject({ indexed: 100_000, distinct: 99_000, repeated: 1000 });
      expect((await at.sim('GET', 'hec?list=ids')).text.split('\n')).toHaveLength(100_001);
    }));
});
