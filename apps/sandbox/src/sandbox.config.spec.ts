import { readSandboxConfig } from './sandbox.config';

describe('readSandboxConfig', () => {
  it('needs no variable at all', () => {
    expect(readSandboxConfig({})).toMatchObject({
      BIND_HOST: '127.0.0.1',
      SANDBOX_PORT: 3100,
      SANDBOX_SEED: true,
    });
  });

  it('takes "false" for false', () => {
    expect(readSandboxConfig({ SANDBOX_SEED: 'false' }).SANDBOX_SEED).toBe(false);
  });

  it('names every wrong variable at once', () => {
    const read = () => readSandboxConfig({ SANDBOX_PORT: 'x', SANDBOX_QPS: '0' });

    expect(read).toThrow(/SANDBOX_PORT.*SANDBOX_QPS/);
  });
});
