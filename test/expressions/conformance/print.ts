/** Prints docs/cel.md: for `npm run docs`, which runs this by its path, because nothing of the product imports a test. */
import process from 'node:process';
import { conformancePage } from './report.js';

process.stdout.write(conformancePage());
