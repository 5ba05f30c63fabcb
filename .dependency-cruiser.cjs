/**
 * Which folder may import which: the three kinds of folder of docs/architecture.md, kept.
 * PURE knows no Node, no Temporal, no I/O; SANDBOX is PURE plus @temporalio/workflow; HOST does the rest.
 */
const pure = '^(language|interpreter|decisions)/';
const packagesOf = (names) => `^node_modules/(${names.join('|')})(/|$)`;

module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    { name: 'pure-no-node', severity: 'error', from: { path: pure }, to: { dependencyTypes: ['core'] } },
    {
      name: 'pure-no-temporal',
      severity: 'error',
      from: { path: pure },
      to: { path: packagesOf(['@temporalio', 'pg', 'node-llama-cpp', 'pino', 'undici']) },
    },
    {
      name: 'pure-no-host',
      severity: 'error',
      from: { path: pure },
      to: { path: '^(workflows|activities|models|connections|store|setup|worker|client|cli)/' },
    },
    {
      name: 'plan-is-the-root',
      severity: 'error',
      from: { path: '^language/plan/' },
      to: { path: '^(language/(expressions|steps|compiler)|interpreter|decisions)/' },
    },
    {
      name: 'expressions-know-no-steps',
      severity: 'error',
      from: { path: '^language/expressions/' },
      to: { path: '^(language/(steps|compiler)|interpreter|decisions)/' },
    },
    {
      name: 'steps-know-no-compiler',
      severity: 'error',
      from: { path: '^language/steps/' },
      to: { path: '^(language/compiler|interpreter)/' },
    },
    {
      name: 'interpreter-knows-no-compiler',
      severity: 'error',
      from: { path: '^(interpreter|workflows)/' },
      to: { path: ['^language/compiler/', packagesOf(['ajv', 'ajv-formats', 'yaml'])] },
    },
    { name: 'sandbox-no-node', severity: 'error', from: { path: '^workflows/' }, to: { dependencyTypes: ['core'] } },
    {
      name: 'sandbox-one-temporal-package',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^node_modules/@temporalio/(?!workflow|common)' },
    },
    {
      name: 'sandbox-no-host',
      severity: 'error',
      from: { path: '^workflows/' },
      to: { path: '^(activities|models|connections|store|setup|worker|client|cli)/' },
    },
    {
      name: 'workflows-by-path-only',
      severity: 'error',
      from: { path: '^(worker|client|cli|activities|setup)/' },
      to: { path: '^workflows/' },
    },
    {
      name: 'low-host-imports-no-high',
      severity: 'error',
      from: { path: '^(store|models|connections)/' },
      to: { path: '^(setup|activities|client|worker|cli)/' },
    },
    {
      name: 'setup-imports-no-higher',
      severity: 'error',
      from: { path: '^setup/' },
      to: { path: '^(activities|client|worker|cli)/' },
    },
    {
      name: 'activities-and-client-import-no-higher',
      severity: 'error',
      from: { path: '^(activities|client)/' },
      to: { path: '^(worker|cli)/' },
    },
    { name: 'worker-imports-no-cli', severity: 'error', from: { path: '^worker/' }, to: { path: '^cli/' } },
    {
      name: 'one-door-to-cel',
      severity: 'error',
      from: { pathNot: '^language/expressions/' },
      to: { path: packagesOf(['@marcbachmann']) },
    },
    {
      name: 'one-door-to-the-model',
      severity: 'error',
      from: { pathNot: '^(models|test)/' },
      to: { path: packagesOf(['node-llama-cpp']) },
    },
    {
      name: 'only-the-cli-prints',
      severity: 'error',
      from: { pathNot: '^(cli|setup|test)/' },
      to: { path: packagesOf(['picocolors', 'commander', '@clack']) },
    },
    {
      name: 'product-imports-no-test',
      severity: 'error',
      from: { pathNot: '^(test|bench)/' },
      to: { path: '^(test|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|\\.firn)/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.mjs'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
};
