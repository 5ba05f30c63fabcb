/**
 * The workflow bundle: the interpreter and all that it needs, as one file for Temporal's sandbox.
 *
 * HOST. Built once, with the project, and shipped: bundling takes more than half of a worker's start. `workflows/` is
 * named by its path only; what is in there runs in the sandbox and never in this process.
 */
import { writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkerOptions } from '@temporalio/worker';

/**
 * Evaluated once per worker and not once per run, then frozen: what takes long to load and keeps nothing of a run.
 */
const PRELOADED = ['@marcbachmann/cel-js', '@noble/hashes/sha2.js', '@noble/hashes/utils.js'];

/** The workflow's source beside this file: `.js` in a build, `.ts` when run from source. */
export function workflowSource(): string {
  const built = fileURLToPath(new URL('../workflows/run-plan.js', import.meta.url));
  return existsSync(built) ? built : fileURLToPath(new URL('../workflows/run-plan.ts', import.meta.url));
}

/** Where the build puts the bundle. */
export function bundlePath(): string {
  return fileURLToPath(new URL('../workflow-bundle.js', import.meta.url));
}

/** Bundles `workflowsPath`; the code, source map included. */
export async function bundleWorkflows(workflowsPath: string = workflowSource()): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    preloadModules: PRELOADED,
    logger: silent,
  });
  return code;
}

/** What the build runs. */
export async function writeBundle(path: string = bundlePath()): Promise<void> {
  await writeFile(path, await bundleWorkflows());
}

/** The shipped bundle, or one made now where there is none (a checkout that was not built). */
export async function findBundle(): Promise<NonNullable<WorkerOptions['workflowBundle']>> {
  const codePath = bundlePath();
  return existsSync(codePath) ? { codePath } : { code: await bundleWorkflows() };
}

/** webpack reports every asset; only its errors matter, and those are thrown. */
const nothing = (): void => undefined;
const silent = { log: nothing, trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
