import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

import { eventually } from '../system/support/eventually';
import { TcpProxy } from './tcp-proxy';

let proxy: TcpProxy;
let near: Socket;
let far: Socket;

beforeEach(async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  proxy = await TcpProxy.start(() => port);
  near = connect({ host: '127.0.0.1', port: proxy.port, noDelay: true });
  [far] = (await once(server, 'connection')) as [Socket];
  server.close();
});
afterEach(() => {
  near.destroy();
  far.destroy();
  return proxy.stop();
});

const heardBy = async (socket: Socket): Promise<string> => {
  let words = '';
  socket.setEncoding('utf8').on('data', (chunk: string) => (words += chunk));
  await once(socket, 'end');
  return words;
};
/** A machine that has no time for timers. */
const stall = (ms: number): void => {
  const until = Date.now() + ms;
  while (Date.now() < until);
};

describe('TcpProxy', () => {
  it('lets nothing overtake what it holds back, on a busy machine either', async () => {
    const heard = heardBy(far);
    proxy.slow(200);
    near.write('one ');
    await eventually('the first is on its way', () => proxy.held === 1);
    proxy.slow(0);
    near.write('two ');
    stall(250);
    near.end('three');

    expect(await heard).toBe('one two three');
  });

  it('carries what it holds back before it hangs up', async () => {
    const heard = heardBy(far);
    proxy.slow(50);
    near.end('words');
    expect(await heard).toBe('words');
  });
});
