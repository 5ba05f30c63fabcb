/**
 * Starts the model process in its container: the encoder that the image carries, on the socket that the worker knows.
 *
 * The SHA-256 comes from the stamp that the importer wrote beside the model; the model process checks it again.
 */
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import process from 'node:process';

const folder = process.env['FIRN_MODEL_FOLDER'] ?? '/firn/.firn/models';
const socket = process.env['FIRN_MODEL_SOCKET'] ?? '/run/firn/model.sock';
const threads = process.env['FIRN_MODEL_THREADS'] ?? '2';
const name = readdirSync(folder).find((file) => file.endsWith('.gguf'));
if (name === undefined)
  throw new Error(`there is no model in ${folder}; build the image again where it can be downloaded`);

const { sha256 } = JSON.parse(readFileSync(`${folder}/${name}.json`, 'utf8'));
const words = ['--socket', socket, '--model', `${folder}/${name}`, '--sha256', sha256, '--threads', threads];
const child = spawn(process.execPath, ['dist/models/process.js', ...words], { stdio: 'inherit' });
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => child.kill(signal));
child.once('exit', (code, signal) => process.exit(code ?? (signal === null ? 0 : 1)));
