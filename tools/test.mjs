// `npm test`: builds, brings up Postgres and Redis, runs every jest project, and ends with one line of numbers.
//   npm test -- [--only unit|e2e|system] [--long] [--no-build] [anything for jest, e.g. a file pattern]
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.mjs';
import { ensureChromium } from './ensure-chromium.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const runner = join(root, 'dist', 'tools', 'stack', 'src', 'test', 'run-tests.js');
const args = process.argv.slice(2);

const isBuilt = args.includes('--no-build') || ensureBuilt();
if (!existsSync(runner)) {
  console.log('the build left no test runner\n0 passed, 1 failed');
  process.exit(1);
}
const { parseTestArguments, runTests } = createRequire(import.meta.url)(runner);
const plan = parseTestArguments(args);
if (plan.projects.some((project) => project !== 'unit')) {
  const chromium = ensureChromium();
  if (chromium) process.env.CHROMIUM_PATH = chromium;
}
process.exitCode = await runTests(plan, { isBuilt });
