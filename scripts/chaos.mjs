/**
 * `npm run chaos`: builds what is not built, then kills workers while refunds are under way (test/chaos/main.ts).
 *
 * `npm run chaos -- --refunds 200 --kills 40 --seed 7`, or `--programs 300` for generated programs. Servers, data and project are in temporary folders.
 */
import { runSources } from './run-sources.mjs';

process.exitCode = await runSources('test/chaos/main.ts', process.argv.slice(2));
