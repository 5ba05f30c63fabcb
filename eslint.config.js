import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** What the house does without; said here, because no rule of its own forbids it altogether. */
const CASTS = [
  {
    selector: 'TSAsExpression:not([typeAnnotation.typeName.name="const"])',
    message: 'No casts: parse, use a type guard, `satisfies`, or a generic.',
  },
];
const DEFAULT_EXPORTS = [
  { selector: 'ExportDefaultDeclaration', message: 'Exports have names.' },
  { selector: 'ExportSpecifier[exported.name="default"]', message: 'Exports have names.' },
];

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'coverage/**', '.firn/**'] },
  // No comment turns a rule off.
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  { rules: { 'no-restricted-syntax': ['error', ...CASTS, ...DEFAULT_EXPORTS] } },
  {
    // Temporal runs a workflow of any type by the default export; tools read their settings from one.
    files: ['workflows/run-plan.ts', 'bench/workflows.ts', '*.config.{js,ts}'],
    rules: { 'no-restricted-syntax': ['error', ...CASTS] },
  },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.lint.json', tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/consistent-type-assertions': [
        'error',
        { assertionStyle: 'as', objectLiteralTypeAssertions: 'never' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // There are no enums (erasable syntax only) and no casts to a class, so nothing for these to find; they cost a
      // quarter of the time.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
    },
  },
  {
    // The test library's matchers are `any` by its own types, results of a helper are taken apart, and a wrong text in an
    // expectation fails by itself. What is called, returned or read from is still checked.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-base-to-string': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        performance: 'readonly',
        module: 'writable',
      },
    },
  },
  {
    // What the compiler and the interpreter are made of knows no clock, no randomness and no way out.
    files: ['language/**/*.ts', 'interpreter/**/*.ts', 'decisions/**/*.ts', 'workflows/**/*.ts'],
    rules: {
      'no-restricted-globals': [
        'error',
        'process',
        'setTimeout',
        'setInterval',
        'fetch',
        'crypto',
        'performance',
        'Buffer',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'A replay must see the same values.' },
        { object: 'Date', property: 'now', message: 'Ask the host for the time.' },
      ],
      'no-new-func': 'error',
    },
  },
);
