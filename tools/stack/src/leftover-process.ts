import { existsSync, readFileSync, rmSync } from 'node:fs';
import { identityOf, signalGroup } from './process-identity';
import { waitUntil } from './wait-until';

/** Stops what an earlier run noted in this pid file and left behind; says whether there was anything. */
export async function stopLeftover(
  pidFile: string,
  signal: NodeJS.Signals = 'SIGTERM',
  deadlineMs = 10_000,
): Promise<boolean> {
  const noted = read(pidFile);
  const isThere = () => noted !== undefined && identityOf(noted.pid) === noted.identity;
  if (!noted || !isThere()) return false;
  signalGroup(noted.pid, signal);
  const gone = () => (isThere() ? undefined : true);
  if (!(await waitUntil(gone, deadlineMs))) {
    signalGroup(noted.pid, 'SIGKILL');
    await waitUntil(gone, 5_000);
  }
  rmSync(pidFile, { force: true });
  return true;
}

function read(pidFile: string): { pid: number; identity: string } | undefined {
  if (!existsSync(pidFile)) return undefined;
  try {
    return JSON.parse(readFileSync(pidFile, 'utf8')) as { pid: number; identity: string };
  } catch {
    return undefined; // cut off by a crash while it was written; the process shows up as a port in use
  }
}
