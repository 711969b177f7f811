import { describe, expect, it } from 'vitest';
import type { Json } from '../../src/core/types.ts';
import { text } from '../../src/formats/text.ts';
import { formatLaws, lineOf, recordOf } from '../laws/format.laws.ts';

const line = (stream: string, item: string, meta?: Json) =>
  lineOf(text.open({}), recordOf(item, meta === undefined ? {} : { meta }), { stream, tenant: { id: 't', name: 'T', labels: {} } });

formatLaws(text, {
  read: (written, record, { stream }) => expect(written).toContain(`[${stream === 'events' ? 'EventID' : 'AlertID'}: ${JSON.parse(record.json).id}] `),
});

describe('text', () => {
  it('writes an event as Sophos API Connect does', () => {
    expect(
      line(
        'events',
        '{"id":"e1","created_at":"2026-10-01T14:20:28.605Z","severity":"low","name":"Update succeeded","type":"Event::Endpoint::UpdateSuccess","source_info":{"ip":"10.1.1.1","n":null},"location":"PC-1","group":"UPDATING","customer_id":"c1"}',
      ),
    ).toBe(
      "[Timestamp: 2026-10-01T14:20:28.605Z] [EventID: e1] [Severity: low] [Name: Update succeeded] [IP: ][EventType: Event::Endpoint::UpdateSuccess] [SourceInfo: {'ip': '10.1.1.1', 'n': None}] [Location: PC-1] [Group: UPDATING] [CustomerID: c1]",
    );
  });

  it('writes an alert as Sophos API Connect does', () => {
    expect(
      line(
        'siem-alerts',
        '{"id":"a1","created_at":"2026-10-01T14:20:28.605Z","severity":"high","type":"Event::Endpoint::NotProtected","description":"Not protected: PC-1","data":{"inserted_at":1555327215065,"ok":true,"list":[1.0,"it\'s"]},"location":"PC-1"}',
      ),
    ).toBe(
      "[Reporter: Sophos Central] [Timestamp: 2026-10-01T14:20:28.605Z] [AlertID: a1] [Severity: high] [IP: ][Description: Event::Endpoint::NotProtected Not protected: PC-1] [AlertType: Event::Endpoint::NotProtected] [Data: {'inserted_at': 1555327215065, 'ok': True, 'list': [1.0, \"it's\"]}] [Location: PC-1]",
    );
  });

  it('leaves the place of what is missing empty', () => {
    expect(line('events', '{"group":null,"source_info":null}')).toBe(
      '[Timestamp: ] [EventID: ] [Severity: ] [Name: ] [IP: ][EventType: ] [SourceInfo: None] [Location: ] [Group: ] [CustomerID: ]',
    );
    expect(line('siem-alerts', '{}')).toBe(
      '[Reporter: Sophos Central] [Timestamp: ] [AlertID: ] [Severity: ] [IP: ][Description:  ] [AlertType: ] [Data: ] [Location: ]',
    );
  });

  it('writes a line break inside a value as one blank', () => {
    expect(line('events', JSON.stringify({ name: 'a\nb\r\nc\rd\n\ne', source_info: { a: '\n' } }))).toContain(
      "[Name: a b c d  e] [IP: ][EventType: ] [SourceInfo: {'a': '\\n'}]",
    );
  });

  it('writes records of other streams, and items of another shape, under their own keys', () => {
    expect(line('endpoints', '{"id":"1","os":{"name":"x"},"__proto__":"p","2":"two","none":null}', { change: 'added', id: 'no' })).toBe(
      "[Reporter: Sophos Central] [Stream: endpoints] [id: 1] [os: {'name': 'x'}] [__proto__: p] [2: two] [change: added]",
    );
    expect(line('events', '["a",null]')).toBe("[Reporter: Sophos Central] [Stream: events] [value: ['a', None]]");
  });

  it('takes no options', () => {
    expect(() => text.options.parse({ odd: 1 })).toThrow();
  });
});
