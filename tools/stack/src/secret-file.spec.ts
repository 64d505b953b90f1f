import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keptSecrets, randomPassword } from './secret-file';

describe('kept secrets', () => {
  let folder: string;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'secrets-'))));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('stay the same, readable for the owner alone', () => {
    const file = join(folder, 'deep', 'secrets.json');
    const first = keptSecrets(file, { key: randomPassword });
    expect(first.created).toEqual(['key']);
    expect(keptSecrets(file, { key: randomPassword })).toEqual({ ...first, created: [] });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('grow by those that are new', () => {
    const file = join(folder, 'secrets.json');
    const { key } = keptSecrets(file, { key: randomPassword }).values;
    expect(keptSecrets(file, { key: randomPassword, other: () => 'x' })).toEqual({
      values: { key, other: 'x' },
      created: ['other'],
    });
  });
});
