import nx from '@nx/eslint-plugin';
import tseslint from 'typescript-eslint';

// Dependencies point one way: app → adapter → platform → core. `outside` is the platform's side (the sandbox) and
// shares nothing with us; `tool` starts processes and knows none of their insides. `client` is the REST API from outside, and
// `front` whatever speaks through it alone.
const below = {
  core: ['core'],
  platform: ['core', 'platform'],
  adapter: ['core', 'platform', 'adapter'],
  app: ['core', 'platform', 'adapter'],
  client: ['client'],
  front: ['client', 'front'],
  outside: ['outside'],
  tool: ['tool'],
  testing: ['core', 'testing'],
  system: ['core', 'platform', 'tool', 'testing', 'system'],
};
const layers = (...testOnly) =>
  Object.entries(below).map(([layer, allowed]) => ({
    sourceTag: `layer:${layer}`,
    onlyDependOnLibsWithTags: [...allowed, ...testOnly].map((name) => `layer:${name}`),
  }));
const boundaries = (depConstraints) => ({
  '@nx/enforce-module-boundaries': [
    'error',
    { depConstraints, enforceBuildableLibDependency: false },
  ],
});

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'node_modules/**',
      '.data/**',
      '.nx/**',
      'coverage/**',
      'apps/*/src/public/**',
      '**/*.generated.ts',
      '**/*.mjs',
      'jest.config.js',
    ],
  },
  ...nx.configs['flat/base'],
  {
    files: ['**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@typescript-eslint': tseslint.plugin },
    rules: {
      ...boundaries(layers()),
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: false }],
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      'no-empty': 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 50, skipBlankLines: true, skipComments: true }],
      'no-restricted-syntax': [
        'error',
        {
          selector: "MemberExpression[object.name='process'][property.name='env']",
          message: 'Only the config classes read the environment.',
        },
      ],
    },
  },
  {
    files: [
      'libs/common/config/**/*.ts',
      'tools/**/*.ts',
      'tests/**/*.ts',
      '**/test/**/*.ts',
      'apps/sandbox/src/sandbox.config.ts',
      'apps/cli/src/environment.ts',
    ],
    rules: { 'no-restricted-syntax': 'off' },
  },
  { files: ['tools/**/*.ts', 'tests/**/*.ts'], rules: { 'no-console': 'off' } },
  {
    files: ['**/*.spec.ts', '**/*-spec.ts', '**/test/**/*.ts'],
    rules: { ...boundaries(layers('testing', 'tool')), 'max-lines-per-function': 'off' },
  },
);
