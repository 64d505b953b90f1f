// `npm run db:migrate`: brings the schema of DATABASE_DIRECT_URL (or DATABASE_URL) up to date.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ensureBuilt } from './ensure-built.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
if (!ensureBuilt()) {
  console.error('the build failed: see its messages above');
  process.exit(1);
}
const script = join(root, 'dist/libs/common/persistence/src/migrate.main.js');
const migrated = spawnSync(process.execPath, [script, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(migrated.status ?? 1);
