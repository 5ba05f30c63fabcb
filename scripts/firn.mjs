#!/usr/bin/env node
/**
 * The command `firn`: hands over to the built program, or says how to build it.
 *
 * Dependency-free. In a clone the build is made by `npm start` or `npm run build`; an installed package carries it.
 */
import { existsSync } from 'node:fs';
import process from 'node:process';

const main = new URL('../dist/cli/main.js', import.meta.url);
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`firn needs Node.js 20.19 or newer; this is ${process.versions.node}\n`);
  process.exitCode = 2;
} else if (existsSync(main)) {
  await import(main.href);
} else {
  process.stderr.write('firn is not built yet: run npm start (sets everything up) or npm run build first\n');
  process.exitCode = 2;
}
