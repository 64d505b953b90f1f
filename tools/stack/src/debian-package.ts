import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * A package and what it needs beyond the system, downloaded and unpacked into `draft/root`, without being root and without
 * changing the system. apt works on lists and a cache of its own here; what is installed is not downloaded again.
 * @returns a sentence when that does not work
 */
export async function unpackDebian(draft: string, name: string): Promise<string | undefined> {
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
  const wanted = ['--download-only', '--no-install-recommends', '--reinstall', name];
  const fetched = await run('apt-get', [...settings, '-q', '-y', 'install', ...wanted]);
  if (fetched.status !== 0) {
    return `apt-get could not download ${name} (${lastLine(fetched.said || updated.said)})`;
  }
  for (const archive of readdirSync(archives).filter((name) => name.endsWith('.deb'))) {
    const unpacked = await run('dpkg-deb', ['-x', join(archives, archive), join(draft, 'root')]);
    if (unpacked.status !== 0) return `dpkg-deb could not unpack ${archive}`;
  }
  return undefined;
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

export const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? '';
