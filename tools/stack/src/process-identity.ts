import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Names one process for good: a pid alone is reused, a pid with its start time and boot is not.
 * Undefined when the process is gone (a zombie counts as gone).
 */
export function identityOf(pid: number): string | undefined {
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return process.platform === 'linux' ? identityFromProc(pid) : identityFromPs(pid);
}

/** The program's short name, without its folder. */
export function commandOf(pid: number): string | undefined {
  return ask(pid, 'comm=')?.split('/').at(-1);
}

export function parentOf(pid: number): number | undefined {
  return Number(ask(pid, 'ppid=')) || undefined;
}

function ask(pid: number, field: string): string | undefined {
  if (process.platform === 'linux') return fieldFromProc(pid, field === 'comm=' ? 'Name' : 'PPid');
  const ps = spawnSync('ps', ['-o', field, '-p', String(pid)], { encoding: 'utf8' });
  return ps.status === 0 ? ps.stdout.trim() : undefined;
}

function fieldFromProc(pid: number, name: string): string | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return new RegExp(`^${name}:\\s*(.*)$`, 'm').exec(status)?.[1];
  } catch {
    return undefined; // no such process
  }
}

function identityFromProc(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // proc(5): the name in brackets may hold anything, so the fields are counted from the last bracket on.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${pid}@${fields[19]}@${boot}`;
  } catch {
    return undefined; // no such process
  }
}

function identityFromPs(pid: number): string | undefined {
  const ps = spawnSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const line = (ps.stdout ?? '').trim();
  if (ps.status !== 0 || line === '' || line.startsWith('Z')) return undefined;
  return `${pid}@${line.replace(/^\S+\s+/, '')}`;
}

/** Sends a signal to a process group, or says that it is gone. */
export function signalGroup(pid: number, signal: NodeJS.Signals): boolean {
  try {
    process.kill(-pid, signal);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
    throw error;
  }
}
