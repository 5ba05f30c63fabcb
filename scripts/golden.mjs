/**
 * `npm run golden:update`: writes the golden files anew (refused texts, plans), on purpose. Look at the difference before
 * you commit it.
 */
import { spawnSync } from 'node:child_process';
import process from 'node:process';

const { status } = spawnSync(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', 'test/compiler'], {
  stdio: 'inherit',
  env: { ...process.env, UPDATE_GOLDEN: '1' },
});
process.exitCode = status ?? 1;
