// `npm start`: builds if needed, then runs everything (docs/architecture.md, "Running it").
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
if (!ensureBuilt()) {
  console.log('the build failed: see its messages above');
  process.exit(1);
}
const { startStack } = createRequire(import.meta.url)(join(root, 'dist/tools/stack/src/start.js'));
process.exit(await startStack());
