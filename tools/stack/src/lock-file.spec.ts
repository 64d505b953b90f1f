import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireLock, LockHeldError } from './lock-file';

describe('lock file', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'lock-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is held until it is released', () => {
    const file = join(folder, 'lock');
    const lock = acquireLock(file);
    expect(() => acquireLock(file)).toThrow(LockHeldError);
    lock.release();
    acquireLock(file).release();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('names the process that holds it', () => {
    const file = join(folder, 'lock');
    acquireLock(file);
    expect(() => acquireLock(file)).toThrow(`held by process ${process.pid}`);
  });

  it('is taken over from a process that is gone', () => {
    const file = join(folder, 'lock');
    const gone = spawnSync(process.execPath, ['-e', '']).pid;
    writeFileSync(file, JSON.stringify({ pid: gone, identity: `${gone}@1@boot` }));
    expect(() => acquireLock(file)).not.toThrow();
  });

  it('is taken over when another process has the number of the holder', () => {
    const file = join(folder, 'lock');
    writeFileSync(file, JSON.stringify({ pid: process.pid, identity: 'an earlier one' }));
    expect(() => acquireLock(file)).not.toThrow();
  });

  it('is taken over when its file is damaged', () => {
    const file = join(folder, 'lock');
    writeFileSync(file, '{"pid":');
    expect(() => acquireLock(file)).not.toThrow();
  });
});
