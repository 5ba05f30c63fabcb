/**
 * Makes the tables that runs need, in the databases that firn.yaml names. Can run again at any time.
 */
import process from 'node:process';
import { loadProject } from '../dist/setup/project.js';
import { prepareTables } from '../dist/setup/tables.js';

const { configuration, problems, unset } = loadProject(process.cwd(), process.env);
const lines = [...problems, ...unset].map(({ file, line, message }) => `${file}:${line}: ${message}`);
if (configuration === undefined || lines.length > 0) {
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exitCode = 2;
} else {
  const { said } = await prepareTables(configuration);
  process.stdout.write(`tables: ${said}\n`);
}
