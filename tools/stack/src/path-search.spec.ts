import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOnPath } from './path-search';

describe('search on the PATH', () => {
  let folder: string;
  beforeEach(() => (folder = realpathSync(mkdtempSync(join(tmpdir(), 'path-')))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const program = (...path: string[]) => {
    const file = join(folder, ...path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, '#!/bin/sh\n');
    chmodSync(file, 0o755);
    return file;
  };

  it('finds nothing on an empty PATH', () => {
    expect(findOnPath(['sh'], '')).toBeUndefined();
  });

  it('prefers the first name wherever it is', () => {
    program('a', 'valkey-server');
    const redis = program('b', 'redis-server');
    const path = `${join(folder, 'a')}:${join(folder, 'b')}`;
    expect(findOnPath(['redis-server', 'valkey-server'], path)).toBe(redis);
  });

  it('passes over what cannot be run', () => {
    writeFileSync(join(folder, 'redis-server'), '', { mode: 0o644 });
    mkdirSync(join(folder, 'sub', 'redis-server'), { recursive: true });
    expect(findOnPath(['redis-server'], `${folder}:${join(folder, 'sub')}`)).toBeUndefined();
  });

  it('resolves links unless the name matters', () => {
    const real = program('lib', 'postgres');
    symlinkSync(real, join(folder, 'postgres'));
    expect(findOnPath(['postgres'], folder)).toBe(real);
    expect(findOnPath(['postgres'], folder, { resolveLinks: false })).toBe(
      join(folder, 'postgres'),
    );
  });
});
