/**
 * Three kinds of spec (see docs/architecture.md): unit needs nothing, e2e and system need Postgres and Redis. Two system
 * specs run side by side, for most of their time is waiting; those that measure how long something takes run alone.
 */
const measured = [
  'chaos',
  'plants',
  'connection-care',
  'dispatch-flood',
  'gateway-outages',
  'gateway-replicas',
  'generate-answers',
  'generate-permits',
  'leases',
  'send-[^/]*',
  'soak',
];
const isMeasured = `/tests/(system|chaos)/(${measured.join('|')})\\.system-spec\\.ts$`;

const shared = {
  testEnvironment: 'node',
  rootDir: __dirname,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2022',
          keepClassNames: true,
        },
        module: { type: 'commonjs' },
        sourceMaps: 'inline',
      },
    ],
    'node_modules/marked/.+\\.js$': ['@swc/jest', { module: { type: 'commonjs' } }],
  },
  // Packages of ES modules that our CommonJS loads at run time (Node can, Jest cannot).
  transformIgnorePatterns: ['/node_modules/(?!marked/)'],
  moduleNameMapper: {
    '^@common/([^/]+)$': '<rootDir>/libs/common/$1/src/index.ts',
    '^@carillon/client$': '<rootDir>/libs/client/src/index.ts',
  },
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/.data'],
  setupFiles: ['reflect-metadata'],
};

module.exports = {
  // What a spec waits for has its own deadline; this one only ends what hangs, on a busy machine too.
  testTimeout: 120_000,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{apps,libs,tools,tests}/**/*.spec.ts'],
    },
    { ...shared, displayName: 'e2e', testMatch: ['<rootDir>/{apps,libs,tools}/**/*.e2e-spec.ts'] },
    {
      ...shared,
      displayName: 'system',
      testMatch: ['<rootDir>/tests/{system,chaos}/**/*.system-spec.ts'],
      testPathIgnorePatterns: ['/node_modules/', isMeasured],
    },
    { ...shared, displayName: 'measured', testRegex: [isMeasured] },
  ],
};
