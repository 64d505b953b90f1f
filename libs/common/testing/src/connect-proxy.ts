import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** An HTTP proxy that knows CONNECT, and leads every name to one port of this machine. */
export class ConnectProxy {
  /** First lines of the requests. */
  readonly asked: string[] = [];
  private readonly sockets = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async to(port: number): Promise<ConnectProxy> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const own = (server.address() as AddressInfo).port;
    const proxy = new ConnectProxy(server, `http://127.0.0.1:${own}`);
    server.on('connection', (inside) => proxy.lead(inside, port));
    return proxy;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private lead(inside: Socket, port: number): void {
    this.keep(inside);
    inside.once('data', (head) => {
      this.asked.push(head.toString().split('\r\n')[0] ?? '');
      const outside = connect(port, '127.0.0.1', () => {
        inside.write('HTTP/1.1 200 Connection established\r\n\r\n');
        inside.pipe(outside).pipe(inside);
      });
      this.keep(outside);
    });
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => this.sockets.delete(socket));
  }
}
