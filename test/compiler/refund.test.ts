/**
 * The whole definition of the language's first page compiles, and its plan says what it should.
 */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { compile } from '../../language/compiler/compile.js';
import { formatProblems } from '../../language/compiler/render.js';
import { PROJECT, RETURNS_POLICY } from './project.js';

const text = readFileSync(new URL('./fixtures/refund.flow.yaml', import.meta.url), 'utf8');
const file = 'definitions/refund/refund.flow.yaml';
const request = { file, text, project: PROJECT, policies: () => RETURNS_POLICY };

test('the refund definition compiles without problems', () => {
  const { plan, problems } = compile(request);
  expect(formatProblems(problems, new Map([[file, text]]), { color: false })).toBe('');
  expect(plan).toBeDefined();
});
