/**
 * What a chaos run has shown: its table, and the list of what must not be. Not a test itself.
 */
import type { ChaosReport } from './refunds.js';

/** Sentences about what is wrong; empty when all held, and the control failed as it must. */
export function wrongWith(ours: ChaosReport, control: ChaosReport): readonly string[] {
  const aimed = Math.ceil(ours.kills / 2);
  const wrong: string[] = [];
  const expect = (holds: boolean, sentence: string): void => {
    if (!holds) wrong.push(sentence);
  };
  expect(
    ours.not_done.length === 0,
    `${ours.not_done.length} runs are not done: ${ours.not_done.slice(0, 5).join('; ')}`,
  );
  expect(ours.doubled === 0, `${ours.doubled} effects happened twice`);
  expect(ours.lost === 0, `${ours.lost} effects are missing`);
  expect(ours.off_by_cents === 0, `the sums are off by ${ours.off_by_cents} cents`);
  expect(ours.effect_rows === 2 * ours.refunds, `${ours.effect_rows} effect rows, expected ${2 * ours.refunds}`);
  expect(ours.effect_rows_wrong === 0, `${ours.effect_rows_wrong} effects have no effect row of their own`);
  expect(ours.messages_wrong === 0, `${ours.messages_wrong} runs have no message, or several`);
  expect(ours.delivered_otherwise === 0, `${ours.delivered_otherwise} messages were delivered with other words`);
  expect(ours.in_window >= aimed, `only ${ours.in_window} of ${ours.kills} kills landed between COMMIT and report`);
  expect(control.doubled > 0, 'the control, without effect rows, doubled nothing: this proves nothing');
  expect(control.lost === 0 && control.not_done.length === 0, 'the control lost something: doubles are not comparable');
  return wrong;
}

export function tableOf(ours: ChaosReport, control: ChaosReport): string {
  const line = (name: string, read: (report: ChaosReport) => number | string): string =>
    `${name.padEnd(46)}${String(read(ours)).padStart(12)}${String(read(control)).padStart(22)}`;
  return [
    `${''.padEnd(46)}${'exactly-once'.padStart(12)}${'control: effects none'.padStart(22)}`,
    line('refunds asked for', ({ refunds }) => refunds),
    line('runs done', ({ refunds, not_done }) => refunds - not_done.length),
    line('kills (-9) of the worker', ({ kills }) => kills),
    line('  between COMMIT and report', ({ in_window }) => in_window),
    line('  at random, with runs under way', ({ amid_runs }) => amid_runs),
    line('effects expected (refunds and bookings)', ({ refunds }) => 2 * refunds),
    line('  doubled', ({ doubled }) => doubled),
    line('  lost', ({ lost }) => lost),
    line('  sums off by, in cents', ({ off_by_cents }) => off_by_cents),
    line('effect rows', ({ effect_rows }) => effect_rows),
    line('runs without exactly one message', ({ messages_wrong }) => messages_wrong),
    line('messages delivered again, word for word', ({ delivered_again }) => delivered_again),
    line('messages delivered with other words', ({ delivered_otherwise }) => delivered_otherwise),
  ].join('\n');
}

/** Zero in n shows no more than this: the upper end of its 95 % interval. */
export function boundOf(ours: ChaosReport): string {
  const percent = (n: number): string => (n === 0 ? 'unknown' : `${((100 * 3) / n).toFixed(1)} %`);
  return (
    `0 doubled or lost of ${ours.in_window} effects whose worker died in the window: below ${percent(ours.in_window)} at 95 %; ` +
    `of all ${2 * ours.refunds} effects: below ${percent(2 * ours.refunds)}`
  );
}
