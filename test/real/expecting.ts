/** Matchers for parts of texts, without the `any` of the library's own types. */
import { expect } from 'vitest';

export function containing(part: string): unknown {
  const matcher: unknown = expect.stringContaining(part);
  return matcher;
}

export function matching(pattern: RegExp): unknown {
  const matcher: unknown = expect.stringMatching(pattern);
  return matcher;
}
