/**
 * `npm run golden:update`: writes the golden files anew (refused texts, plans, what stored histories ask), on purpose. Look
 * at the difference before you commit it.
 *
 * With `-- --histories` the histories themselves are recorded anew first, on a real Temporal server, PostgreSQL and model:
 * for new stories, and for changes of replayed behaviour before a release. A history that somebody's runs may still have is
 * kept, and replayed by way of a patch (workflows/patches.ts).
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';
import { runSources } from './run-sources.mjs';

const PARTS = ['test/compiler', 'test/plans', 'test/replay'];

process.exitCode = process.argv.includes('--histories') ? await runSources('test/replay/record.ts', []) : 0;
if (process.exitCode === 0) {
  const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...PARTS], {
    stdio: 'inherit',
    env: { ...process.env, UPDATE_GOLDEN: '1' },
  });
  process.exitCode = status ?? 1;
}
