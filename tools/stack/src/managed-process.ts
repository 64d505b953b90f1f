import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Readable } from 'node:stream';
import { type Account } from './account';
import { guardGroup, unguardGroup } from './orphan-guard';
import { identityOf, signalGroup } from './process-identity';

export interface ProcessSpec {
  readonly name: string;
  readonly command: string;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly account?: Account | undefined;
  /** Gets every line of stdout and stderr. */
  readonly onLine?: (line: string, source: 'stdout' | 'stderr') => void;
  /** Notes the process here while it runs, so that a later start finds one that was left behind. */
  readonly pidFile?: string;
  readonly stopSignal?: NodeJS.Signals;
  /** How long `stop` waits before it uses force. */
  readonly stopDeadlineMs?: number;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ManagedProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process has ended and its last lines were read; never rejects. */
  readonly ended: Promise<ProcessEnd>;
  isRunning(): boolean;
  /** Asks it to end, waits, then kills its whole process group. */
  stop(deadlineMs?: number): Promise<ProcessEnd>;
  kill(): void;
}

/**
 * Starts a child in a process group of its own that does not outlive us.
 * @throws Error  when the program cannot be started at all
 */
export async function startProcess(spec: ProcessSpec): Promise<ManagedProcess> {
  const child = spawn(spec.command, spec.args ?? [], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: spec.cwd ?? '/',
    env: spec.env ?? process.env,
    ...spec.account,
  });
  await spawned(child, spec);
  const pid = child.pid as number; // set once 'spawn' was emitted
  guardGroup(pid, spec.stopSignal ?? 'SIGTERM');
  if (spec.pidFile) writeFileSync(spec.pidFile, JSON.stringify({ pid, identity: identityOf(pid) }));
  readLines(child.stdout, (line) => spec.onLine?.(line, 'stdout'));
  readLines(child.stderr, (line) => spec.onLine?.(line, 'stderr'));

  let running = true;
  const ended = endOf(child).then((end) => {
    if (spec.pidFile) rmSync(spec.pidFile, { force: true });
    return end;
  });
  child.once('exit', () => {
    running = false;
    signalGroup(pid, 'SIGKILL'); // whatever it started and left
    unguardGroup(pid);
  });
  return {
    name: spec.name,
    pid,
    ended,
    isRunning: () => running,
    kill: () => void (running && signalGroup(pid, 'SIGKILL')),
    stop: async (deadlineMs = spec.stopDeadlineMs ?? 10_000) => {
      if (running) signalGroup(pid, spec.stopSignal ?? 'SIGTERM');
      const force = setTimeout(() => running && signalGroup(pid, 'SIGKILL'), deadlineMs);
      return ended.finally(() => clearTimeout(force));
    },
  };
}

function spawned(child: ChildProcess, spec: ProcessSpec): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => {
      reject(new Error(`cannot start ${spec.name} (${spec.command}): ${cause.message}`, { cause }));
    });
  });
}

/** 'close' comes after the last line; a grandchild that keeps the pipe open must not hold it up for ever. */
function endOf(child: ChildProcess): Promise<ProcessEnd> {
  return new Promise((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
    child.once('exit', (code, signal) => {
      setTimeout(() => resolve({ code, signal }), 1_000).unref();
    });
  });
}

function readLines(stream: Readable | null, take: (line: string) => void): void {
  if (stream) createInterface({ input: stream, crlfDelay: Infinity }).on('line', take);
}
