/**
 * `npm run bench`: builds what is not built, then measures the interpreter beside a hand-written workflow
 * (bench/interpreter.ts). `npm run bench -- --rounds 25`; `--profile FOLDER` keeps CPU profiles of the worker.
 */
import { runSources } from './run-sources.mjs';

process.exitCode = await runSources('bench/interpreter.ts', process.argv.slice(2));
