import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const root = join(__dirname, '..', '..', '..');

describe('the typed client', () => {
  it('is what admin-api says of itself, and breaks nobody: else npm run client:write', () => {
    const { stdout, status } = spawnSync(
      process.execPath,
      [join(root, 'tools', 'client.mjs'), '--check'],
      { encoding: 'utf8', timeout: 120_000 },
    );

    expect([status, stdout]).toEqual([0, '']);
  }, 130_000);
});
