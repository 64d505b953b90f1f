import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { findOnPath } from './path-search';

export interface UnpackedRedis {
  readonly program: string;
  /** For LD_LIBRARY_PATH. */
  readonly libraries: string;
}

/**
 * Debian's or Ubuntu's own Redis, downloaded and unpacked into a folder without being root and without changing the
 * system; kept there for the next time. Answers a sentence where that does not work.
 */
export async function debianRedis(folder: string): Promise<UnpackedRedis | string> {
  const kept = existsSync(folder) ? runnable(folder) : 'nothing kept';
  if (typeof kept !== 'string') return kept;
  if (!findOnPath(['apt-get']) || !findOnPath(['dpkg-deb'])) return 'no apt-get here';
  const draft = `${folder}.${process.pid}`;
  rmSync(draft, { recursive: true, force: true });
  try {
    const failure = await download(draft);
    if (failure) return failure;
    const unpacked = runnable(join(draft, 'root'));
    if (typeof unpacked === 'string') return unpacked;
    rmSync(folder, { recursive: true, force: true });
    renameSync(join(draft, 'root'), folder);
    return runnable(folder);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

/** apt works on lists and a cache of its own here; what the system already has is not downloaded again. */
async function download(draft: string): Promise<string | undefined> {
  const archives = join(draft, 'cache', 'archives');
  mkdirSync(join(archives, 'partial'), { recursive: true });
  mkdirSync(join(draft, 'state', 'lists', 'partial'), { recursive: true });
  const settings = [
    `Dir::State=${join(draft, 'state')}`,
    `Dir::Cache=${join(draft, 'cache')}`,
    'Debug::NoLocking=1',
    'Acquire::Retries=2',
    'Acquire::http::Timeout=20',
    // As root apt would change to its own account, which cannot reach every folder.
    ...(process.getuid?.() === 0 ? ['APT::Sandbox::User=root'] : []),
  ].flatMap((setting) => ['-o', setting]);
  // A broken third-party source must not stop us: whether it was enough shows in the next step.
  const updated = await run('apt-get', [...settings, '-q', 'update']);
  const wanted = ['--download-only', '--no-install-recommends', '--reinstall', 'redis-tools'];
  const fetched = await run('apt-get', [...settings, '-q', '-y', 'install', ...wanted]);
  if (fetched.status !== 0) {
    return `apt-get could not download redis-tools (${lastLine(fetched.said || updated.said)})`;
  }
  for (const archive of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
    const unpacked = await run('dpkg-deb', ['-x', join(archives, archive), join(draft, 'root')]);
    if (unpacked.status !== 0) return `dpkg-deb could not unpack ${archive}`;
  }
  // The server is the same program as redis-check-rdb, by another name; the package redis-server holds only that link.
  const programs = join(draft, 'root', 'usr', 'bin');
  if (!existsSync(join(programs, 'redis-check-rdb'))) return 'redis-tools holds no redis-check-rdb';
  symlinkSync('redis-check-rdb', join(programs, 'redis-server'));
  return undefined;
}

function runnable(root: string): UnpackedRedis | string {
  const program = join(root, 'usr', 'bin', 'redis-server');
  const home = join(root, 'usr', 'lib');
  const folders = existsSync(home)
    ? readdirSync(home).filter((name) => name.includes('-linux-'))
    : [];
  const libraries = folders.map((name) => join(home, name)).join(':');
  const asked = spawnSync(program, ['--version'], {
    encoding: 'utf8',
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
  });
  if (asked.status === 0) return { program, libraries };
  return `the unpacked redis-server does not run (${lastLine(asked.stderr || String(asked.error))})`;
}

function run(command: string, args: string[]): Promise<{ status: number | null; said: string }> {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
    });
    let said = '';
    child.stdout.resume();
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.once('error', (error) => resolve({ status: null, said: error.message }));
    child.once('close', (status) => resolve({ status, said }));
  });
}

const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? '';
