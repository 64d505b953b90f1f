import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

/** A wire that can be cut and slowed down. */
export class TcpProxy {
  private readonly pairs = new Set<readonly [Socket, Socket]>();
  private delayMs = 0;
  private heldCount = 0;

  private constructor(
    private readonly server: Server,
    private readonly targetPort: () => number,
  ) {}

  /** @param targetPort asked for each connection: a store may come back on another port */
  static async start(targetPort: () => number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true });
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

  /** Chunks that are on their way. */
  get held(): number {
    return this.heldCount;
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
    const far = connect({
      host: '127.0.0.1',
      port: this.targetPort(),
      noDelay: true,
      allowHalfOpen: true,
    });
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

  /** Like a real wire: nothing overtakes what was sent before it, the end neither. */
  private pump(from: Socket, to: Socket): void {
    const held: { readonly dueAt: number; readonly chunk: Buffer | null }[] = [];
    let timer: NodeJS.Timeout | null = null;
    const pass = (): void => {
      timer = null;
      for (let next = held[0]; next; next = held[0]) {
        const leftMs = next.dueAt - Date.now();
        if (leftMs > 0) return void (timer = setTimeout(pass, leftMs));
        held.shift();
        this.heldCount -= 1;
        if (to.destroyed) continue;
        if (next.chunk) to.write(next.chunk);
        else to.end();
      }
    };
    const carry = (chunk: Buffer | null): void => {
      held.push({ dueAt: Date.now() + this.delayMs, chunk });
      this.heldCount += 1;
      if (!timer) pass();
    };
    from.on('data', carry);
    from.on('end', () => carry(null));
  }
}
