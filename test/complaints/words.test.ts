/** What people and assistants write by instinct, from other languages: it has one clear meaning, or they get the right word. */
import { describe, expect, it } from 'vitest';
import { compile } from '../../language/compiler/compile.js';
import { PROJECT } from '../compiler/project.js';
import { compileSteps, problemsOf } from '../steps/definitions.js';

describe('a step that begins with another word', () => {
  it.each([
    ['fork', 'parallel'],
    ['concurrent', 'parallel'],
    ['foreach', 'for_each'],
    ['loop', 'for_each'],
    ['each', 'for_each'],
    ['for', 'for_each'],
    ['while', 'repeat'],
    ['do', 'repeat'],
    ['if', 'when'],
    ['else', 'switch'],
    ['choice', 'switch'],
    ['sleep', 'wait'],
    ['delay', 'wait'],
    ['url', 'http'],
    ['request', 'http'],
    ['sub', 'call'],
    ['run', 'call'],
    ['llm', 'decide'],
    ['prompt', 'decide'],
    ['classify', 'decide'],
    ['listen', 'receive'],
    ['signal', 'receive'],
    ['emit', 'send'],
    ['raise', 'fail'],
    ['catch', 'try'],
    ['script', 'use'],
    ['type', 'use'],
    ['with', 'use'],
    ['let', 'set'],
    ['notify', 'tell'],
    ['human', 'approve'],
    ['form', 'ask'],
    ['compensate', 'undo'],
  ])('%s is called `%s`', (word, right) => {
    expect(problemsOf(`- ${word}: x`)).toEqual([
      `FIRN320 a step has no key "${word}": it is called \`${right}\` here | write \`${right}\``,
    ]);
  });

  it.each(['goto', 'then', 'next', 'depends_on', 'needs', 'transition'])('%s is a jump, and there are none', (word) => {
    const said = problemsOf(`- set: { a: 1 }\n  ${word}: order`);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('there are no jumps: steps run from top to bottom, and `switch` chooses');
  });

  it.each(['output', 'outputs', 'export', 'register'])('%s is not needed: a result has a name', (word) => {
    const said = problemsOf(`- set: { a: 1 }\n  ${word}: x`);
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('a result is read by the `id` of its step, and nothing is exported');
  });
});

describe('an expression of another language', () => {
  it.each([
    ['{{ order.total }}', 'order.total'],
    ['{{order.total}} and more', 'order.total'],
    ['{{ $order.total }}', 'order.total'],
    ['${ order.total }', 'order.total'],
    ['${order.total}', 'order.total'],
    ['$order.total', 'order.total'],
    ['{{ steps.order.total }}', 'order.total'],
    ['{{ outputs.order.total | upper }}', 'order.total'],
    ['${ $context.order.total }', 'order.total'],
  ])('%s is no text that is told as it stands', (text, meant) => {
    const said = problemsOf(`- set: { a: ${JSON.stringify(text)} }`);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/^FIRN202 .* is plain text: an expression is written \$\{\{ … \}\}/);
    expect(said[0]).toContain(`write "\${{ ${meant} }}"`);
  });

  it.each(['{{ name }}', 'it costs $5.00', '$${{ order.total }}', '{ order }', '${HOME}', 'a {{ b', '$order', '{{}}'])(
    '%s is the author’s own text',
    (text) => expect(problemsOf(`- set: { a: ${JSON.stringify(text)} }`)).toEqual([]),
  );

  it('is looked for in a time that grows with the text, whatever the text is', () => {
    for (const part of ['{{a', '{{ a.b ', '${ a', '$a.', '$a.b', '{{a}', '$', 'a.']) {
      const text = part.repeat(Math.floor(60_000 / part.length));
      expect(compileSteps(`- set: { a: "${text}" }`).plan).toBeDefined();
    }
  }, 20_000);

  it.each([
    ['$steps.order.total', /^FIRN200 .*names stand without "\$"/],
    ['$now', /^FIRN200 .*names stand without "\$"/],
    ['$context.order', /^FIRN200 .*names stand without "\$"/],
    ['steps.order.total', /^FIRN204 .*read by the id of its step/],
    ['outputs.order.total', /^FIRN204 .*read by the id of its step/],
    ['secrets.KEY', /^FIRN204 .*secrets stand in firn.yaml/],
    ['order.total = 5', /^FIRN200 .*equality is written "=="/],
    ['order.total > 5 & true', /^FIRN200 .*"and" is written "&&"/],
    ['order.total > 5 and true', /^FIRN200/],
  ])('%s says what it is here', (source, problem) => {
    const said = problemsOf(`- set: { a: "\${{ ${source} }}" }`);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(problem);
  });

  it('a `when` without ${{ }}', () => {
    expect(problemsOf('- when: order.total > 5\n  set: { a: 1 }')[0]).toMatch(
      /^FIRN202 .*write "\$\{\{ order.total > 5/,
    );
  });
});

describe('a time', () => {
  it.each(['PT1M', '1m', '60s', 'PT60S', '0h1m'])('%s is one minute', (text) => {
    const { plan } = compileSteps(`- wait: { for: ${text} }`);
    expect(plan?.nodes.at(-1)).toMatchObject({ verb: 'wait', how: 'for', literal_ms: 60_000 });
  });

  it.each([
    ['- wait: PT1M', /^FIRN300 .*it can have for, until/],
    ['- wait: 5m', /^FIRN300 .*it can have for, until/],
    ['- wait: { minute: 1 }', /^FIRN320 .*here it is called "for"/],
    ['- wait: { seconds: 30 }', /^FIRN320 .*here it is called "for"/],
    ['- wait: { for: 1 minute }', /^FIRN307 .*30s, 15m, 2h/],
    ['- wait: { for: 60 }', /^FIRN300 .*a duration, like 30m/],
  ])('%s says how it is written', (steps, problem) => {
    const said = problemsOf(steps);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(problem);
  });
});

describe('a file in another style', () => {
  const HEADER = 'workflow: sample\nsummary: A sample\nowner: returns-desk\nends_within: 5d\nuses: [shop]\ninput: {}\n';
  const said = (text: string) =>
    compile({ file: 'x.flow.yaml', text, project: PROJECT, policies: () => undefined }).problems.map(
      ({ code, message, hint }) => `${code} ${message} | ${hint ?? ''}`,
    );

  it.each(['do', 'tasks', 'jobs', 'states', 'nodes'])('%s are called `steps`', (word) => {
    expect(said(`${HEADER}${word}:\n  - set: { a: 1 }\n`)).toEqual([
      `FIRN320 a definition has no key "${word}"; here it is called "steps" | write "steps"`,
    ]);
  });

  it('steps are a list, not a map', () => {
    const problems = said(`${HEADER}steps:\n  order: { set: { a: 1 } }\n`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/^FIRN300 "steps" must be a list, and this is a map/);
  });

  it.each([
    ['inputs', 'input'],
    ['outputs', 'output'],
    ['description', 'summary'],
    ['timeout', 'ends_within'],
  ])('%s is called "%s"', (word, right) => {
    const problems = said(
      `${HEADER.replace(new RegExp(`^${right}: .*\\n`, 'm'), '')}${word}: x\nsteps: [{ set: { a: 1 } }]\n`,
    );
    expect(problems).toContain(
      `FIRN320 a definition has no key "${word}"; here it is called "${right}" | write "${right}"`,
    );
  });
});
