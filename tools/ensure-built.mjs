// Builds when a source is newer than the last good build; two callers at once wait for each other.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stamp = join(root, 'dist', '.build.stamp');
const lock = join(root, '.data', 'build.lock');

/** True when dist/ matches the sources afterwards; the compiler's messages go to the terminal. */
export function ensureBuilt() {
  return exclusively(() => {
    const wanted = fingerprint();
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return true;
    console.log('building …');
    rmSync(stamp, { force: true });
    const built = spawnSync(process.execPath, [join(root, 'tools', 'build.mjs')], {
      stdio: 'inherit',
    });
    if (built.status !== 0) return false;
    // Of the sources as they were before: whatever changed during the build is built the next time.
    writeFileSync(stamp, wanted);
    return true;
  });
}

function fingerprint() {
  const hash = createHash('sha256').update(process.version);
  const files = [
    'package-lock.json',
    'tsconfig.base.json',
    'tsconfig.build.json',
    'tools/build.mjs',
  ];
  for (const home of ['apps', 'libs/common', 'tools']) {
    for (const project of readdirSync(join(root, home)))
      files.push(...sources(join(home, project, 'src')));
  }
  files.push(...sources('libs/client/src'));
  for (const file of files) {
    const { mtimeMs, size } = statSync(join(root, file));
    hash.update(`${file} ${mtimeMs} ${size}\n`);
  }
  return hash.digest('hex');
}

function sources(folder) {
  if (!existsSync(join(root, folder))) return [];
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1))
    .sort();
}

function exclusively(work) {
  mkdirSync(dirname(lock), { recursive: true });
  const draft = `${lock}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    while (!taken(draft)) pause(200);
  } finally {
    rmSync(draft, { force: true });
  }
  try {
    return work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function taken(draft) {
  try {
    linkSync(draft, lock);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
  } catch (error) {
    // Its holder is gone (ESRCH), or the lock is (ENOENT).
    if (error.code !== 'EPERM') rmSync(lock, { force: true });
  }
  return false;
}

function pause(ms) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
