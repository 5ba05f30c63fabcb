/** Forms and messages from the command line: what a run asks for, what fits, what is refused, and what comes of it. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inTurns } from './firn.js';
import { openPlace, type Place } from './place.js';

const VISIT = `workflow: visit
summary: Somebody comes by
owner: returns-desk
ends_within: 5d
input: { order_id: string }
steps:
  - id: visit
    ask:
      what: "When can somebody look at order \${{ input.order_id }}?"
      by: returns-desk
      form: { day: string, hours: integer, note?: { type: string, maxLength: 20 } }
    timeout: 2d
  - id: parcel
    receive: { message: parcel, fields: { weight: number } }
    timeout: 2d
output: { day: "\${{ visit.day }}", hours: "\${{ visit.hours }}", by: "\${{ visit.by }}", weight: "\${{ parcel.weight }}" }
`;

let place: Place;
beforeAll(async () => {
  place = await openPlace({ files: { 'definitions/visit/visit.flow.yaml': VISIT } });
});
afterAll(() => place.close());

async function waiting(): Promise<string> {
  const ran = await place.firn(['run', 'visit', '--input', '{"order_id": "A-1"}', '--json']);
  expect([ran.code, ran.stderr]).toEqual([3, expect.stringContaining('ticket ')]);
  return String(ran.json()['ticket']);
}

describe('a form', () => {
  test('is shown with how to fill it in, refused where it does not fit, and counts once', async () => {
    const ticket = await waiting();
    const inbox = await place.firn(['inbox']);
    expect(inbox.stdout).toContain(`firn answer ${ticket} --value day=… --value hours=… --value note=…`);
    const refused: readonly (readonly [readonly string[], string])[] = [
      [['--value', 'day=monday'], 'values.hours is missing'],
      [['--value', 'day=monday', 'hours=2', 'colour=red'], 'values has no field "colour"; it has: day, hours, note'],
      [['--values', 'monday'], '--values is not JSON'],
      [['monday'], 'values.day is missing'],
    ];
    const ran = await inTurns(
      refused.map(
        ([words]) =>
          () =>
            place.firn(['answer', ticket, ...words]),
      ),
    );
    for (const [index, [, said]] of refused.entries()) {
      expect([ran[index]?.code, ran[index]?.stderr]).toEqual([2, expect.stringContaining(said)]);
    }
    const answered = await place.firn(['answer', ticket, '--value', 'day=7', 'hours=2', '--json']);
    expect(answered.json()).toMatchObject({ decision: 'answered', values: { day: '7', hours: 2 }, by: 'maria' });
    const again = await place.firn(['answer', ticket, '--value', 'day=8', 'hours=2']);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('waits with no question')]);
    const { rows } = await place.pool.query('select decision, filled, decided_by from firn_item where ticket = $1', [
      ticket,
    ]);
    expect(rows).toEqual([{ decision: 'answered', filled: { day: '7', hours: 2 }, decided_by: 'maria' }]);
    const useless = await inTurns([
      () => place.firn(['send', ticket, 'parcel', '--value', 'weight=heavy']),
      () => place.firn(['send', ticket, 'other']),
    ]);
    expect(useless.map(({ code, stderr }) => [code, stderr])).toEqual([
      [1, expect.stringContaining('parcel.weight must be a number')],
      [1, expect.stringContaining('no step of this run receives "other"; what is received: parcel')],
    ]);
    expect((await place.firn(['send', ticket, 'parcel', '--value', 'weight=1.5'])).code).toBe(0);
    const ended = await place.firn(['result', ticket, '--json']);
    expect(ended.json()).toMatchObject({
      outcome: 'done',
      output: { day: '7', hours: 2, by: 'maria', weight: 1.5 },
    });
    const late = await place.firn(['send', ticket, 'parcel', '--value', 'weight=2']);
    expect([late.code, late.stderr]).toEqual([1, expect.stringContaining(ticket)]);
  });
});
