/** docs/complaints.md names threads that can be looked up, and tests that exist. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const PAGE = readFileSync(join(ROOT, 'docs/complaints.md'), 'utf8');
const UNTESTED = 'not tested: ';

interface Row {
  readonly complaint: string;
  readonly shown: string;
}

const rows: readonly Row[] = PAGE.split('\n')
  .filter((line) => line.startsWith('| ') && !line.startsWith('| complaint'))
  .map((line) => {
    const [, complaint = '', , shown = ''] = line.split(' | ').length === 3 ? ['', ...line.split(' | ')] : [];
    return { complaint: complaint.replace('| ', ''), shown: shown.replace(/ \|$/, '') };
  });

/** The tests that a row names: a file, then the names in it. */
function testsOf(shown: string): { readonly file: string; readonly name: string }[] {
  return shown.split(/(?=`test\/)/).flatMap((part) => {
    const file = /^`(test\/[^`]+)`/.exec(part)?.[1] ?? '';
    return [...part.matchAll(/"([^"]+)"/g)].map(([, name = '']) => ({ file, name }));
  });
}

test('there are rows, each with three parts', () => {
  expect(rows.length).toBeGreaterThan(20);
  expect(rows.filter(({ complaint, shown }) => complaint === '' || shown === '')).toEqual([]);
});

describe.each(rows)('$complaint', ({ shown }) => {
  const named = testsOf(shown);

  test('names a test, or says why there is none', () => {
    expect(named.length > 0 || shown.startsWith(UNTESTED)).toBe(true);
  });

  test.each(named)('$file "$name"', ({ file, name }) => {
    expect(file).toMatch(/\.test\.ts$/);
    expect(existsSync(join(ROOT, file))).toBe(true);
    const text = readFileSync(join(ROOT, file), 'utf8');
    // As the name of a test, or as a row of its table; it may begin with what is computed.
    expect(["'", '"', '`', '} '].some((before) => text.includes(`${before}${name}`))).toBe(true);
  });
});

test('threads are named so that they can be looked up', () => {
  const threads = PAGE.match(/[^\s(,]*#\d+/g) ?? [];
  expect(threads.length).toBeGreaterThan(80);
  expect(threads.filter((thread) => !/^[\w.-]+\/[\w.-]+#\d+$/.test(thread))).toEqual([]);
});
