import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isLeaving, stopLater } from './leave.mjs';

const hook = fileURLToPath(new URL('./hook.cjs', import.meta.url));

/** `BENCH_PROF=folder` leaves a CPU profile of every process there. */
const profiling = process.env.BENCH_PROF
  ? ['--cpu-prof', `--cpu-prof-dir=${process.env.BENCH_PROF}`]
  : [];

/** A process whose memory and CPU time can be asked for. */
export class MeasuredProcess {
  #child;
  #isStopping = false;

  constructor(script, { env, args = [] }) {
    this.#child = fork(script, args, {
      env: { PATH: process.env.PATH, ...env },
      execArgv: ['--expose-gc', '-r', hook, ...profiling],
      stdio: ['ignore', process.env.BENCH_LOG ? 'inherit' : 'ignore', 'inherit', 'ipc'],
    });
    const ended = stopLater(() => this.stop('SIGKILL'));
    this.#child.once('exit', (code, signal) => {
      ended();
      if (!this.#isStopping && !isLeaving())
        console.error(`${script} ended by itself (${code ?? signal})`);
    });
  }

  get pid() {
    return this.#child.pid;
  }

  /** Bytes after a full collection, and microseconds of CPU since it began. */
  async usage() {
    const answer = once(this.#child, 'message');
    this.#child.send('usage');
    const [{ rss, used, cpu }] = await answer;
    return { rss, used, cpuMicros: cpu.user + cpu.system };
  }

  /** Microseconds of CPU since it began, as they are. */
  async cpuMicros() {
    const answer = once(this.#child, 'message');
    this.#child.send('cpu');
    const [{ cpu }] = await answer;
    return cpu.user + cpu.system;
  }

  /** Resolves with the next thing it says. */
  async said() {
    return (await once(this.#child, 'message'))[0];
  }

  send(message) {
    this.#child.send(message);
  }

  async stop(signal = 'SIGTERM') {
    this.#isStopping = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    this.#child.kill(signal);
    const force = setTimeout(() => this.#child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(force);
  }
}
