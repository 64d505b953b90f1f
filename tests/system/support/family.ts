import { execFileSync } from 'node:child_process';

/** A signal for a process and its children: the sessions of a Postgres are processes of their own. */
export function signalFamily(pid: number, signal: 'SIGSTOP' | 'SIGCONT'): void {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).split('\n');
  const pairs = lines.map((line) => line.trim().split(/\s+/).map(Number));
  const children = pairs.flatMap(([child, parent]) => (parent === pid && child ? [child] : []));
  for (const one of [pid, ...children]) {
    try {
      process.kill(one, signal);
    } catch (error) {
      // A session that ended meanwhile.
      if ((error as { code?: unknown }).code !== 'ESRCH') throw error;
    }
  }
}
