import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, isPortFree, rememberedPort } from './ports';

describe('ports', () => {
  let folder: string;
  let server: Server | undefined;
  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'ports-'))));
  afterEach(async () => {
    await new Promise((done) => (server ? server.close(done) : done(undefined)));
    server = undefined;
    rmSync(folder, { recursive: true, force: true });
  });
  const occupy = async (port = 0) => {
    const taken = createServer();
    server = taken;
    await new Promise<void>((done) => taken.listen(port, '127.0.0.1', done));
    return (taken.address() as AddressInfo).port;
  };

  it('tells a free port from a used one', async () => {
    expect(await isPortFree(await occupy())).toBe(false);
    expect(await isPortFree(await freePort())).toBe(true);
  });

  it('gives the same port again while it is free', async () => {
    const file = join(folder, 'port');
    expect(await rememberedPort(file)).toBe(await rememberedPort(file));
  });

  it('notes a new port when somebody has taken the old one', async () => {
    const file = join(folder, 'port');
    const first = await rememberedPort(file);
    await occupy(first);
    const second = await rememberedPort(file);
    expect(second).not.toBe(first);
    expect(readFileSync(file, 'utf8')).toBe(`${second}\n`);
  });
});
