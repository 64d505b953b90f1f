import { spawnSync } from 'node:child_process';

/** Whom a child process runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/** "nobody": Postgres refuses to run as root, and this account exists without changing the system. */
const nobody: Account = { uid: 65_534, gid: 65_534 };

/** The account for what must not run as root; undefined when we are not root ourselves. */
export function unprivilegedAccount(): Account | undefined {
  return process.getuid?.() === 0 ? nobody : undefined;
}

/** Whether this account can reach and read the path. Asked by trying: mode bits alone do not know mounts and ACLs. */
export function canReach(path: string, account: Account | undefined): boolean {
  const script = 'test -r "$0" && test -x "$0"';
  return spawnSync('/bin/sh', ['-c', script, path], { cwd: '/', ...account }).status === 0;
}
