import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** A wire that can be cut and slowed down. */
export class TcpProxy {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private delayMs = 0;

  private constructor(
    private readonly server: Server,
    private readonly targetPort: () => number,
  ) {}

  /** @param targetPort asked for each connection: a store may come back on another port */
  static async start(targetPort: () => number): Promise<TcpProxy> {
    const server = createServer();
    const proxy = new TcpProxy(server, targetPort);
    server.on('connection', (socket) => proxy.join(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** The same URL through this wire. */
  through(url: string): string {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String(this.port);
    return changed.toString();
  }

  /** Every connection is reset; new ones work. */
  cut(): void {
    for (const [near, far] of this.pairs) {
      near.resetAndDestroy();
      far.resetAndDestroy();
    }
  }

  /** What is sent from now on arrives so much later; 0 heals. */
  slow(ms: number): void {
    this.delayMs = ms;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(near: Socket): void {
    const far = connect({ host: '127.0.0.1', port: this.targetPort(), noDelay: true });
    near.setNoDelay(true);
    const pair = [near, far] as const;
    this.pairs.add(pair);
    this.pump(near, far);
    this.pump(far, near);
    const end = (): void => {
      this.pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    for (const socket of pair) socket.on('error', end).on('close', end);
  }

  /** Order is kept: a chunk never overtakes one that was delayed before it. */
  private pump(from: Socket, to: Socket): void {
    let dueAt = 0;
    from.on('data', (chunk) => {
      const now = Date.now();
      dueAt = Math.max(dueAt, now + this.delayMs);
      if (dueAt <= now) return void to.write(chunk);
      setTimeout(() => to.destroyed || to.write(chunk), dueAt - now);
    });
    from.on('end', () => to.end());
  }
}
