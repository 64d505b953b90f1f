import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';

import { type INestApplication, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type Redis from 'ioredis';

import { CoreModule, ServiceLife, SHARED_REDIS } from '@common/bootstrap';
import { SecretBox } from '@common/kernel';
import { NestLogBridge, PinoLogger } from '@common/logging';
import { Database, migrate } from '@common/persistence';
import { QueueFactory } from '@common/queue';
import { Gate, OwnStores, Rows } from '@common/testing';

import { CallbackDirectory } from '../src/callbacks/callback-directory.service';
import { serveCallbacks } from '../src/callbacks/serve-callbacks';
import { GatewayConfig } from '../src/gateway.config';
import { GatewayModule } from '../src/gateway.module';

export const AES_KEY = 'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG';
export const TOKEN = 'gatewayToken01';
export const APP_SECRET = 'planted-app-secret';

/** A gateway as it runs, on a schema and a Redis prefix of its own; it opens no connections. */
export class RunningGateway {
  readonly logLines: string[] = [];
  baseUrl = '';
  private readonly masterKeys = `spec:${randomBytes(32).toString('base64')}`;
  private readonly secrets = SecretBox.parse(this.masterKeys);
  private app!: INestApplication;

  private constructor(
    readonly stores: OwnStores,
    readonly rows: Rows,
    /** In front of Postgres. */
    readonly postgres: Gate,
  ) {}

  /**
   * @param apiUrl the platform; unset: it is not there
   * @param journalTimeoutMs as in production it may be over on a machine that stands still
   */
  static async start(
    apiUrl = 'http://127.0.0.1:9',
    journalTimeoutMs = 10_000,
  ): Promise<RunningGateway> {
    const stores = await OwnStores.open(process.env);
    await migrate(stores.databaseUrl);
    const gate = await Gate.before(stores.databaseUrl);
    await gate.open();
    const running = new RunningGateway(stores, new Rows(stores), gate);
    await running.boot(apiUrl, journalTimeoutMs);
    return running;
  }

  /** A channel with everything that callbacks need. @returns its id, which is its client id, too */
  async channel(fields: Record<string, unknown> = {}): Promise<string> {
    const id = await this.rows.aChannel({ clientSecret: this.secrets.seal(APP_SECRET) });
    const callback = this.sealed({ token: TOKEN, aesKey: AES_KEY });
    const columns = { client_id: id, callback, ...fields };
    const sets = Object.keys(columns).map((name, n) => `${name} = $${n + 2}`);
    await this.stores.sql(`UPDATE channel SET ${sets.join(', ')} WHERE id = $1`, [
      id,
      ...Object.values(columns),
    ]);
    await this.use(CallbackDirectory).heard(id);
    return id;
  }

  sealed(value: object | string): Buffer {
    return this.secrets.seal(typeof value === 'string' ? value : JSON.stringify(value));
  }

  async post(
    path: string,
    body: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; text: string }> {
    const response = await fetch(`${this.baseUrl}/callbacks/dingtalk/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: body as string,
    });
    return { status: response.status, text: await response.text() };
  }

  events(channelId: string): Promise<Record<string, unknown>[]> {
    return this.stores.sql('SELECT * FROM inbound_event WHERE channel_id = $1', [channelId]);
  }

  use<T>(token: { readonly prototype: T }): T {
    return this.app.get<T>(token as never);
  }

  async stop(): Promise<void> {
    this.postgres.thaw();
    await this.app.get(ServiceLife).stopIntake();
    await this.app.get(ServiceLife).finish(1_000);
    await this.app.close();
    await this.app.get(Database).close();
    this.app.get(QueueFactory).disconnect();
    this.app.get<Redis>(SHARED_REDIS).disconnect();
    await this.postgres.close();
    await this.stores.close();
  }

  private async boot(apiUrl: string, journalTimeoutMs: number): Promise<void> {
    const config = new GatewayConfig({
      DATABASE_URL: this.postgres.url,
      REDIS_URL: process.env.REDIS_URL,
      REDIS_PREFIX: this.stores.prefix,
      MASTER_KEYS: this.masterKeys,
      DINGTALK_API_URL: apiUrl,
      GATEWAY_JOURNAL_TIMEOUT_MS: String(journalTimeoutMs),
      LOG_LEVEL: 'debug',
    });
    const destination = { write: (line: string) => void this.logLines.push(line) };
    const logger = new PinoLogger({ service: 'gateway', level: config.LOG_LEVEL, destination });
    @Module({})
    class Root {}
    const root = {
      module: Root,
      global: true,
      imports: [CoreModule.forRoot({ service: 'gateway', config, logger }), GatewayModule],
      providers: [{ provide: GatewayConfig, useValue: config }],
      exports: [GatewayConfig],
    };
    this.app = await NestFactory.create(root, { logger: new NestLogBridge(logger) });
    this.app.get(CallbackDirectory).start();
    serveCallbacks(this.app);
    await this.app.listen(0, '127.0.0.1');
    this.baseUrl = `http://127.0.0.1:${(this.app.getHttpServer().address() as AddressInfo).port}`;
  }
}

/** Address and body of an event as the platform makes them (enterprise reference §D), by code of the spec's own. */
export function sealedEvent(
  event: object,
  given: { owner: string; token?: string; aesKey?: string; atMs?: number },
): { query: string; body: string } {
  const { owner, token = TOKEN, aesKey = AES_KEY, atMs = Date.now() } = given;
  const key = Buffer.from(`${aesKey}=`, 'base64');
  const message = Buffer.from(JSON.stringify(event));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(message.length);
  const plain = Buffer.concat([randomBytes(16), length, message, Buffer.from(owner)]);
  const pad = 32 - (plain.length % 32);
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const encrypt = Buffer.concat([
    cipher.update(Buffer.concat([plain, Buffer.alloc(pad, pad)])),
    cipher.final(),
  ]).toString('base64');
  const [timestamp, nonce] = [String(atMs), 'nonce123'];
  const signature = createHash('sha1')
    .update([token, timestamp, nonce, encrypt].sort().join(''))
    .digest('hex');
  const query = new URLSearchParams({ msg_signature: signature, signature, timestamp, nonce });
  return { query: query.toString(), body: JSON.stringify({ encrypt }) };
}

/** Headers of a robot message (messaging reference §4.1). */
export const robotHeaders = (secret = APP_SECRET, atMs = Date.now()): Record<string, string> => ({
  timestamp: String(atMs),
  sign: createHmac('sha256', secret).update(`${atMs}\n${secret}`).digest('base64'),
});

/** Headers of a card action (enterprise reference §F.4). */
export const cardHeaders = (secret = TOKEN, atMs = Date.now()): Record<string, string> => ({
  'x-ddpaas-signature-timestamp': String(atMs),
  'x-ddpaas-signature': createHmac('sha256', secret).update(String(atMs)).digest('base64'),
});
