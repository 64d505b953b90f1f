import type { Server } from 'node:http';
import type { Socket } from 'node:net';

const LOOK_EVERY_MS = 100;

/**
 * Lets an HTTP server end as soon as its last answer is out. A closing server waits for connections that nobody has used
 * yet, and for those that their clients keep once they had their answer.
 */
export class HttpDoor {
  private readonly unused = new Set<Socket>();

  constructor(private readonly server: Server) {
    server.on('connection', (socket: Socket) => {
      this.unused.add(socket);
      socket.once('close', () => this.unused.delete(socket));
    });
    server.on('request', ({ socket }: { readonly socket: Socket }) => this.unused.delete(socket));
  }

  /** @param close stops listening, and resolves when no connection is left */
  async close(close: () => Promise<unknown>): Promise<void> {
    const looks = setInterval(() => this.closeIdle(), LOOK_EVERY_MS);
    try {
      await close();
    } finally {
      clearInterval(looks);
    }
  }

  private closeIdle(): void {
    for (const socket of this.unused) socket.destroy();
    this.server.closeIdleConnections();
  }
}
