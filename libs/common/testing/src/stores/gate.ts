import { connect, createServer, type Server, type Socket } from 'node:net';

import { quietPort } from './quiet-port';

/** A door in front of a store: closed, it is as if the server were not there, and connections through it are cut. */
export class Gate {
  private server: Server | undefined;
  private readonly sockets = new Set<Socket>();
  private readonly pairs = new Map<Socket, Socket>();
  private isFrozen = false;

  private constructor(
    private readonly target: URL,
    private readonly port: number,
  ) {}

  /** A closed door with a port of its own. */
  static async before(url: string): Promise<Gate> {
    return new Gate(new URL(url), await quietPort());
  }

  /** The store's URL, through the door. */
  get url(): string {
    const url = new URL(this.target);
    url.host = `127.0.0.1:${this.port}`;
    return url.toString();
  }

  async open(): Promise<void> {
    if (this.server) return;
    const server = createServer((inside) => {
      const outside = connect(Number(this.target.port), this.target.hostname);
      for (const socket of [inside, outside]) {
        this.sockets.add(socket);
        // What breaks on one side breaks on the other.
        socket.on('error', () => socket.destroy());
        socket.on('close', () => {
          this.sockets.delete(socket);
          this.pairs.delete(inside);
          (socket === inside ? outside : inside).destroy();
        });
      }
      this.pairs.set(inside, outside);
      if (!this.isFrozen) inside.pipe(outside).pipe(inside);
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
  }

  /** From now on nothing passes, and nobody is told: as when the server hangs. New connections hang too. */
  freeze(): void {
    this.isFrozen = true;
    for (const [inside, outside] of this.pairs) {
      inside.unpipe(outside).pause();
      outside.unpipe(inside).pause();
    }
  }

  /** Everything that was held back arrives. */
  thaw(): void {
    this.isFrozen = false;
    for (const [inside, outside] of this.pairs) inside.pipe(outside).pipe(inside);
  }

  async close(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    for (const socket of this.sockets) socket.destroy();
    if (server) await new Promise((resolve) => server.close(resolve));
  }
}
