import { type AddressInfo, createServer } from 'node:net';
import { conflictingPorts } from './port-check';

const host = '127.0.0.1';
const anApp = (name: string, port: number) => ({
  name,
  port,
  portVariable: `${name.toUpperCase()}_PORT`,
});

describe('the port check', () => {
  it('names the app and the variable of a port that is taken', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, host, done));
    const { port } = server.address() as AddressInfo;
    expect(await conflictingPorts([anApp('sender', port)], host)).toEqual([
      { port, app: 'sender', variable: 'SENDER_PORT' },
    ]);
    await new Promise((done) => server.close(done));
    expect(await conflictingPorts([anApp('sender', port)], host)).toEqual([]);
  });

  it('sees that two of our own want the same one', async () => {
    const server = createServer();
    await new Promise<void>((done) => server.listen(0, host, done));
    const { port } = server.address() as AddressInfo;
    await new Promise((done) => server.close(done));
    const conflicts = await conflictingPorts([anApp('gateway', port), anApp('sender', port)], host);
    expect(conflicts.map(({ app }) => app)).toEqual(['sender']);
  });

  it('has nothing against apps that pick their own', async () => {
    expect(await conflictingPorts([anApp('gateway', 0), anApp('sender', 0)], host)).toEqual([]);
  });
});
