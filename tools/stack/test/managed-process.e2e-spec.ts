import { readFileSync } from 'node:fs';
import { type ManagedProcess, type ProcessSpec, startProcess } from '../src/managed-process';
import { identityOf } from '../src/process-identity';
import { waitUntil } from '../src/wait-until';

describe('a managed process', () => {
  const started: ManagedProcess[] = [];
  const start = async (script: string, spec: Partial<ProcessSpec> = {}) => {
    const lines: string[] = [];
    const child = await startProcess({
      name: 'sh',
      command: '/bin/sh',
      args: ['-c', script],
      onLine: (line) => lines.push(line),
      ...spec,
    });
    started.push(child);
    return { child, lines, line: () => waitUntil(() => lines[0], 30_000) };
  };
  afterEach(() => Promise.all(started.splice(0).map((child) => child.stop(0))));

  it('hands over its lines and its end', async () => {
    const { child, lines } = await start('echo one; echo two >&2; exit 3');
    expect(await child.ended).toEqual({ code: 3, signal: null });
    expect([...lines].sort()).toEqual(['one', 'two']);
    expect(child.isRunning()).toBe(false);
  });

  it('is asked kindly first', async () => {
    const { child, line } = await start(
      'trap "exit 7" TERM; echo up; while :; do sleep 0.05; done',
    );
    await line();
    expect(await child.stop()).toEqual({ code: 7, signal: null });
  });

  it('is killed when it does not listen', async () => {
    const { child, line } = await start('trap "" TERM; echo up; while :; do sleep 0.05; done');
    await line();
    expect(await child.stop(200)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('takes what it started along', async () => {
    const { child, line } = await start('sleep 60 & echo $!; exit 0');
    const grandchild = Number(await line());
    await child.ended;
    expect(await waitUntil(() => (identityOf(grandchild) ? undefined : 'gone'), 30_000)).toBe(
      'gone',
    );
  });

  it('lives in a process group of its own, out of reach of Ctrl-C', async () => {
    const { child } = await start('sleep 60');
    const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ');
    expect(Number(stat?.[2])).toBe(child.pid);
  });

  it('says which program cannot be started', async () => {
    await expect(start('', { name: 'the thing', command: '/nowhere/thing' })).rejects.toThrow(
      'cannot start the thing (/nowhere/thing)',
    );
  });
});
