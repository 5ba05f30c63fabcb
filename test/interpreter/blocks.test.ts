/** Blocks: each story comes out as told, in one go and continued as new wherever it can. */
import { describe, expect, it } from 'vitest';
import { STORIES, tell } from './stories.js';

describe.each(STORIES)('$name', (story) => {
  it('in one go', async () => {
    expect((await tell(story, false)).seen).toMatchObject(story.expect);
  });

  it('continued as new wherever it can', async () => {
    const { seen, continuations } = await tell(story, true);
    expect(seen).toMatchObject(story.expect);
    expect(continuations).toBeGreaterThan(0);
  });
});
