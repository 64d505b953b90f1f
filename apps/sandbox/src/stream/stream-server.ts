import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocketServer, type WebSocket } from 'ws';
import type { OpenRequest } from '../world/tickets';
import type { World } from '../world/world';
import { Connection } from './connection';
import type { ConnectionPool } from './connection-pool';
import type { DeliveryDesk } from './delivery-desk';
import { readAck, systemFrame } from './frames';

const CLOSE_GRACE_MS = 300;

/** The WebSocket side of `/connect?ticket=` (§2.1 – 2.3). */
export class StreamServer {
  private readonly sockets = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: 8 << 20,
  });
  private readonly clock: NodeJS.Timeout;
  private lastPingAt = Date.now();

  constructor(
    private readonly world: World,
    private readonly pool: ConnectionPool,
    private readonly desk: DeliveryDesk,
  ) {
    this.clock = setInterval(() => this.tick(), 250);
    this.clock.unref();
  }

  attach(server: Server): void {
    server.on('upgrade', (request, socket, head) => {
      socket.on('error', () => socket.destroy());
      this.shakeHands(request, socket, head).catch(() => socket.destroy());
    });
  }

  /** Says goodbye to everyone; whoever does not answer soon is cut off. */
  async close(): Promise<void> {
    clearInterval(this.clock);
    const connections = this.pool.of();
    for (const connection of connections) connection.close(1001);
    const grace = setTimeout(() => connections.forEach((one) => one.terminate()), CLOSE_GRACE_MS);
    while (this.sockets.clients.size > 0 && this.pool.of().length > 0) await delay(10);
    clearTimeout(grace);
    this.sockets.close();
  }

  private async shakeHands(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const url = request.url ?? '';
    if (!url.startsWith('/connect')) return refuse(socket, 404);
    const open = this.redeem(url.split('?')[1] ?? '');
    const names = ['handshake', 'GET /connect'];
    const act = this.world.faults.take({ names, clientId: open?.clientId, body: {} })?.act;
    if (act?.delayMs) await delay(act.delayMs);
    if (act?.hang) return;
    if (act?.reset) {
      (socket as Socket).resetAndDestroy();
      return;
    }
    if (act?.status) return refuse(socket, act.status);
    if (!open) return refuse(socket, 403);
    this.sockets.handleUpgrade(request, socket, head, (ws) =>
      this.welcome(ws, socket as Socket, open),
    );
  }

  /** The exact ticket (C12). Lenient: a raw `+` is a plus, because the official Node client does not encode. */
  private redeem(query: string): OpenRequest | undefined {
    const raw =
      query
        .split('&')
        .find((part) => part.startsWith('ticket='))
        ?.slice('ticket='.length) ?? '';
    const isForm = this.world.settings.ticketDecoding === 'form';
    let ticket: string;
    try {
      ticket = decodeURIComponent(isForm ? raw.replaceAll('+', ' ') : raw);
    } catch {
      return undefined; // A broken escape is an unknown ticket.
    }
    const open = this.world.tickets.redeem(ticket);
    if (/[+/=]/.test(raw)) this.world.violation('ticketNotEncoded', open?.clientId ?? null, {});
    return open;
  }

  private welcome(ws: WebSocket, tcp: Socket, open: OpenRequest): void {
    const connection = new Connection(ws, tcp, open);
    ws.on('message', (data, isBinary) => this.hear(connection, String(data), isBinary));
    ws.on('ping', () => (connection.lastHeardAt = Date.now()));
    ws.on('pong', () => (connection.lastHeardAt = Date.now()));
    ws.on('close', (code) => this.pool.lost(connection, code));
    ws.on('error', () => ws.terminate());
    if (this.world.settings.systemNotices) this.notify(connection);
    this.pool.add(connection);
    const { acceptThenDrop, evictOlder } = this.world.settings;
    for (const older of evictOlder ? this.pool.of(connection.clientId) : [])
      if (older !== connection) older.close(1000);
    if (acceptThenDrop > 0) setTimeout(() => connection.close(1011), acceptThenDrop).unref();
  }

  private notify(connection: Connection): void {
    for (const topic of ['CONNECTED', 'REGISTERED']) {
      connection.send(systemFrame(topic, {}, connection.id, this.world.now()));
    }
  }

  private hear(connection: Connection, raw: string, isBinary: boolean): void {
    connection.lastHeardAt = Date.now();
    const ack = isBinary ? undefined : readAck(raw);
    if (!ack) {
      const detail = { connectionId: connection.id, head: raw.slice(0, 100) };
      this.world.violation('unreadableFrame', connection.clientId, detail);
      return;
    }
    if (ack.messageId === connection.ping?.messageId) return this.checkEcho(connection, ack.data);
    this.desk.acknowledge(connection, ack);
  }

  /** The ping's data must come back unchanged (C20). */
  private checkEcho(connection: Connection, data: unknown): void {
    const sent = JSON.parse(connection.ping?.data ?? '{}') as { opaque?: string };
    const isSame = (data as { opaque?: unknown } | undefined)?.opaque === sent.opaque;
    if (!isSame)
      this.world.violation('pingNotEchoed', connection.clientId, { connectionId: connection.id });
    connection.ping = null;
  }

  /** Pings, unanswered pings, dead connections. */
  private tick(): void {
    const now = Date.now();
    const { pingMs, deadAfterMs } = this.world.settings;
    const isPingTime = pingMs > 0 && now - this.lastPingAt >= pingMs;
    if (isPingTime) this.lastPingAt = now;
    for (const connection of this.pool.of()) {
      if (now - connection.lastHeardAt > deadAfterMs) {
        connection.terminate();
        this.pool.lost(connection, 1006);
        continue;
      }
      this.checkPing(connection, now);
      if (isPingTime && connection.state === 'open') this.ping(connection, now);
    }
  }

  private checkPing(connection: Connection, now: number): void {
    if (connection.state !== 'open' || !connection.ping || connection.ping.isLate) return;
    if (now - connection.ping.at < this.world.settings.pingAnswerMs) return;
    // It may still come: late is not unknown.
    connection.ping.isLate = true;
    this.world.violation('pingUnanswered', connection.clientId, { connectionId: connection.id });
  }

  private ping(connection: Connection, now: number): void {
    const frame = systemFrame('ping', { opaque: randomUUID() }, connection.id, this.world.now());
    connection.ping = { messageId: frame.headers['messageId'] ?? '', data: frame.data, at: now };
    connection.send(frame);
  }
}

function refuse(socket: Duplex, status: number): void {
  socket.end(`HTTP/1.1 ${status} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
