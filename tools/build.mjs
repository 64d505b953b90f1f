// `npm run build`: one TypeScript program into dist/, then what the compiler does not do: entry points at
// dist/apps/<name>/main.js, the @common/* packages as Node finds them, and the sandbox's page.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const dist = join(root, 'dist');
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');

// A build info without its output would make the compiler skip files that are not there.
if (!existsSync(join(dist, 'apps'))) rmSync(join(dist, '.build.tsbuildinfo'), { force: true });
const compiled = spawnSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
  stdio: 'inherit',
});

for (const app of readdirSync(join(root, 'apps'))) {
  if (!existsSync(join(root, 'apps', app, 'src', 'main.ts'))) continue;
  mkdirSync(join(dist, 'apps', app), { recursive: true });
  const entry = join(dist, 'apps', app, 'main.js');
  // Executable: the command line is what `npx carillon` runs.
  writeFileSync(entry, "#!/usr/bin/env node\nrequire('./src/main.js');\n");
  chmodSync(entry, 0o755);
  const page = join(root, 'apps', app, 'src', 'public');
  if (existsSync(page)) cpSync(page, join(dist, 'apps', app, 'src', 'public'), { recursive: true });
}
const packages = [
  ['@carillon/client', 'client'],
  ...readdirSync(join(root, 'libs', 'common')).map((lib) => [`@common/${lib}`, `common/${lib}`]),
];
for (const [name, lib] of packages) {
  const home = join(dist, 'node_modules', ...name.split('/'));
  mkdirSync(home, { recursive: true });
  writeFileSync(
    join(home, 'package.json'),
    JSON.stringify({ name, main: `../../../libs/${lib}/src/index.js` }),
  );
}
// Only now: with a type error in one app the others can still be started.
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
