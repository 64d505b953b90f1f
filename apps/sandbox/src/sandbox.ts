import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import express, { Router, type Express } from 'express';
import { callbackRoutes } from './callbacks/callback.routes';
import { HttpPusher } from './callbacks/http-pusher';
import { chatRoutes } from './control/chat.routes';
import { controlErrors, sameOriginOnly } from './control/control-error';
import { directoryRoutes } from './control/directory.routes';
import { feedRoute } from './control/feed.route';
import { recordRoutes } from './control/records.routes';
import { streamRoutes } from './control/stream.routes';
import { fileRoute } from './files.route';
import { mediaRoute } from './media.route';
import { metricsText } from './metrics';
import { pageRoutes } from './page.routes';
import { replyOf, ApiError } from './platform/api-error';
import { serveRoute } from './platform/call-pipeline';
import { platformRoutes } from './platform/routes';
import type { SandboxConfig } from './sandbox.config';
import { CardActions } from './stream/card-actions';
import { ConnectionPool } from './stream/connection-pool';
import { DeliveryDesk } from './stream/delivery-desk';
import { InboundMessages } from './stream/inbound-messages';
import { StreamServer } from './stream/stream-server';
import { seedDirectory } from './world/seed';
import { World } from './world/world';

/** The platform side of DingTalk in one process on one port. */
export class Sandbox {
  readonly world: World;
  private readonly pool: ConnectionPool;
  private readonly desk: DeliveryDesk;
  private readonly pusher: HttpPusher;
  private readonly stream: StreamServer;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly config: SandboxConfig) {
    this.world = new World({
      redeliveryMs: config.SANDBOX_REDELIVERY_MS,
      qps: config.SANDBOX_QPS,
      disconnectCloseMs: config.SANDBOX_DISCONNECT_CLOSE_MS,
      pingMs: config.SANDBOX_PING_MS,
    });
    if (config.SANDBOX_SEED) seedDirectory(this.world.directory);
    this.pool = new ConnectionPool(this.world);
    this.desk = new DeliveryDesk(this.world, this.pool);
    this.pusher = new HttpPusher(this.world);
    this.stream = new StreamServer(this.world, this.pool, this.desk);
    this.server = this.makeServer(this.makeApp());
    this.stream.attach(this.server);
    this.server.on('connection', (socket) => {
      this.sockets.add(socket);
      socket.on('close', () => this.sockets.delete(socket));
    });
  }

  get url(): string {
    return this.world.baseUrl;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Resolves when the port is open. @throws when it is taken */
  async start(): Promise<this> {
    const { BIND_HOST, SANDBOX_PORT, SANDBOX_PUBLIC_URL } = this.config;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(SANDBOX_PORT, BIND_HOST, resolve);
    });
    const scheme = this.isTls ? 'https' : 'http';
    const host = BIND_HOST === '0.0.0.0' || BIND_HOST === '::' ? '127.0.0.1' : BIND_HOST;
    const own = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${this.port}`;
    this.world.baseUrl = (SANDBOX_PUBLIC_URL ?? own).replace(/\/$/, '');
    return this;
  }

  /** Closes sockets, open answers and the port; quick even when clients do not answer. */
  async stop(): Promise<void> {
    this.desk.clear();
    this.pusher.clear();
    await this.stream.close();
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    // Hanging answers and handshakes would hold the port for ever.
    for (const socket of this.sockets) socket.destroy();
    await closed;
  }

  private get isTls(): boolean {
    return Boolean(this.config.SANDBOX_TLS_CERT_FILE && this.config.SANDBOX_TLS_KEY_FILE);
  }

  private makeServer(app: Express): Server {
    const { SANDBOX_TLS_CERT_FILE: cert, SANDBOX_TLS_KEY_FILE: key } = this.config;
    if (!cert || !key) return createServer(app);
    return createTlsServer({ cert: readFileSync(cert), key: readFileSync(key) }, app);
  }

  private makeApp(): Express {
    const app = express().disable('x-powered-by').set('etag', false);
    app.get(['/healthz', '/readyz'], (_req, res) => {
      res.json({ status: 'ok' });
    });
    app.get('/metrics', (_req, res) => {
      res.type('text/plain; version=0.0.4').send(metricsText(this.world, this.pool));
    });
    app.get('/files/:key', fileRoute(this.world));
    app.get('/media/:id', mediaRoute(this.world));
    app.get('/sandbox/stream', feedRoute(this.world));
    app.use(express.raw({ type: () => true, limit: '40mb' }));
    app.use('/sandbox', sameOriginOnly, this.controlRouter(), controlErrors);
    for (const route of platformRoutes) {
      const method = route.method.toLowerCase() as 'get' | 'post' | 'put';
      app[method](route.path, serveRoute(this.world, route));
    }
    app.use(pageRoutes());
    app.use((req, res) => {
      const { status, body } = replyOf(
        new ApiError(404, 'InvalidAction.NotFound', `no API ${req.path}`),
      );
      res.status(status).json(body);
    });
    app.use(controlErrors);
    return app;
  }

  private controlRouter(): Router {
    const { world, pool, desk, pusher } = this;
    const messages = new InboundMessages(world, pool, desk, pusher);
    const cardActions = new CardActions(world, pool, desk, pusher);
    const router = Router();
    router.use(directoryRoutes(world, pool));
    router.use(callbackRoutes(world, pool, pusher));
    router.use(chatRoutes({ world, messages, desk, cardActions, pusher }));
    router.use(streamRoutes(world, pool, desk));
    router.use(recordRoutes(world, desk));
    return router;
  }
}
