/**
 * Lets a plain Node process run the sources: `node --import ./test/real/typescript.mjs file.ts`. For tests that need a
 * process of their own, such as one that kills itself.
 */
import { register } from 'node:module';

register('./typescript-hooks.mjs', import.meta.url);
