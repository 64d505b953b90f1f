import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identityOf } from './process-identity';

/** Somebody who is alive holds the lock. */
export class LockHeldError extends Error {
  constructor(
    readonly file: string,
    readonly pid: number,
  ) {
    super(`held by process ${pid} (${file})`);
  }
}

export interface Lock {
  release(): void;
}

interface Holder {
  readonly pid: number;
  readonly identity: string;
}

/**
 * Takes the lock, also from a holder that died without giving it back.
 * @throws LockHeldError  when the holder is alive
 */
export function acquireLock(file: string): Lock {
  mkdirSync(dirname(file), { recursive: true });
  const me: Holder = { pid: process.pid, identity: identityOf(process.pid) ?? '' };
  // Linking a finished file makes taking the lock one step: nobody ever reads half a holder.
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(me), { mode: 0o644 });
  try {
    while (!tryLink(draft, file)) {
      const holder = holderOf(file);
      if (holder && identityOf(holder.pid) === holder.identity) {
        throw new LockHeldError(file, holder.pid);
      }
      rmSync(file, { force: true });
    }
  } finally {
    rmSync(draft, { force: true });
  }
  return { release: () => releaseOwn(file, me) };
}

function tryLink(draft: string, file: string): boolean {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function holderOf(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined; // gone meanwhile, or not ours to understand: taken over
  }
}

function releaseOwn(file: string, me: Holder): void {
  if (holderOf(file)?.identity === me.identity) rmSync(file, { force: true });
}
