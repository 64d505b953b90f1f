import { randomBytes, randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { type INestApplication, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { Queue } from 'bullmq';
import type Redis from 'ioredis';
import { Client } from 'pg';

import { CoreModule, Readiness, ServiceLife, SHARED_REDIS } from '@common/bootstrap';
import { NestLogBridge, PinoLogger } from '@common/logging';
import { Database, migrate } from '@common/persistence';
import { connectRedis, RedisKeys } from '@common/redis';

import { AdminApiConfig } from '../src/admin-api.config';
import { AdminApiModule } from '../src/admin-api.module';
import { prepareHttp } from '../src/prepare-http';

export const BOOTSTRAP_KEY = 'bootstrap-key-of-the-specs';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Parsed JSON; specs look at what they expect in it. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a spec reads any field of any answer
  readonly body: any;
}

export interface CallOptions {
  readonly key?: string | null;
  readonly tenant?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Row = Record<string, unknown>;

/** The admin API as it runs, on a schema and a Redis prefix of its own. */
export class RunningAdminApi {
  /** Everything the process logged, for specs about secrets. */
  readonly logLines: string[] = [];
  private readonly schema = `admin_api_${randomBytes(6).toString('hex')}`;
  readonly redisPrefix = this.schema;
  private readonly admin = new Client(process.env.DATABASE_URL);
  private app!: INestApplication;
  baseUrl = '';

  static async start(env: NodeJS.ProcessEnv = {}): Promise<RunningAdminApi> {
    const running = new RunningAdminApi();
    await running.boot(env);
    return running;
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { key = BOOTSTRAP_KEY, tenant, body, headers } = options;
    const response = await fetch(
      `${this.baseUrl}${path.startsWith('/api/') ? '' : '/api/v1'}${path}`,
      {
        method,
        redirect: 'manual',
        headers: {
          ...(key === null ? {} : { authorization: `Bearer ${key}` }),
          ...(tenant === undefined ? {} : { 'x-tenant-id': tenant }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      },
    );
    const text = await response.text();
    const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
    const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, body: parsed };
  }

  get = (path: string, options?: CallOptions): Promise<Answer> => this.call('GET', path, options);
  post = (path: string, body?: unknown, options?: CallOptions): Promise<Answer> =>
    this.call('POST', path, { ...options, body });
  patch = (path: string, body: unknown, options?: CallOptions): Promise<Answer> =>
    this.call('PATCH', path, { ...options, body });
  delete = (path: string, options?: CallOptions): Promise<Answer> =>
    this.call('DELETE', path, options);

  async sql<R extends Row = Row>(text: string, values: readonly unknown[] = []): Promise<R[]> {
    return (await this.admin.query<R>(text, [...values])).rows;
  }

  /** Posts, and insists that it worked. */
  async created(path: string, body: unknown, options?: CallOptions): Promise<Answer['body']> {
    const answer = await this.post(path, body, options);
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${answer.text}`);
    return answer.body;
  }

  channel(fields: Row = {}, options?: CallOptions): Promise<Answer['body']> {
    const body = {
      name: 'Support',
      clientId: `ding${randomUUID()}`,
      clientSecret: 'planted-client-secret',
      ...fields,
    };
    return this.created('/channels', body, options);
  }

  get config(): AdminApiConfig {
    return this.app.get(AdminApiConfig);
  }

  use<T>(token: { readonly prototype: T }): T {
    return this.app.get<T>(token as Type<T>);
  }

  /** Resolves when the connections to the queues, which are opened at boot, are there. */
  async queuesReachable(): Promise<void> {
    while ((await this.get('/queues')).status !== 200) await new Promise(setImmediate);
  }

  /** A queue as it is in Redis; close it. */
  queue(name: string): Queue {
    const connection = { url: String(process.env.REDIS_URL) };
    return new Queue(name, { connection, prefix: new RedisKeys(this.redisPrefix).queuePrefix });
  }

  /** Hears the control plane until the process ends. */
  async listen(): Promise<{ pattern: string; data: Row }[]> {
    const heard: { pattern: string; data: Row }[] = [];
    const redis = connectRedis({
      url: String(process.env.REDIS_URL),
      name: 'spec',
      mood: 'patient',
      onError: () => undefined,
    });
    this.closing.push(() => redis.disconnect());
    redis.on('message', (_channel, text: string) =>
      heard.push(JSON.parse(text) as { pattern: string; data: Row }),
    );
    await redis.subscribe(new RedisKeys(this.redisPrefix).announcements);
    return heard;
  }

  private readonly closing: (() => unknown)[] = [];

  async stop(): Promise<void> {
    await this.app.get(ServiceLife).stopIntake();
    await this.app.get(ServiceLife).finish(1_000);
    // A client may have opened one that it has not used yet; a server waits for those, too.
    (this.app.getHttpServer() as Server).closeAllConnections();
    await this.app.close();
    await this.app.get(Database).close();
    this.app.get<Redis>(SHARED_REDIS).disconnect();
    for (const close of this.closing) await close();
    await this.admin.query(`DROP SCHEMA IF EXISTS ${this.schema} CASCADE`);
    await this.admin.end();
  }

  private async boot(env: NodeJS.ProcessEnv): Promise<void> {
    await this.admin.connect();
    await this.admin.query(`CREATE SCHEMA ${this.schema}`);
    await this.admin.query(`SET search_path = ${this.schema}`);
    const config = new AdminApiConfig({
      DATABASE_URL: this.databaseUrl,
      REDIS_URL: process.env.REDIS_URL,
      REDIS_PREFIX: this.redisPrefix,
      MASTER_KEYS: `spec:${randomBytes(32).toString('base64')}`,
      ADMIN_API_KEY: BOOTSTRAP_KEY,
      LOG_LEVEL: 'debug',
      ...env,
    });
    await migrate(config.DATABASE_URL.reveal());
    this.app = await this.create(config);
    prepareHttp(this.app);
    await this.app.listen(0, '127.0.0.1');
    // A spec whose machine is busy must not use a connection at the moment it is closed for being idle.
    (this.app.getHttpServer() as Server).keepAliveTimeout = 60_000;
    this.app.get(Readiness).become(true);
    const { port } = this.app.getHttpServer().address() as AddressInfo;
    this.baseUrl = `http://127.0.0.1:${port}`;
  }

  private get databaseUrl(): string {
    const url = new URL(String(process.env.DATABASE_URL));
    url.searchParams.set('options', `-c search_path=${this.schema} -c carillon.tenant=-`);
    return url.href.replaceAll('+', '%20');
  }

  private create(config: AdminApiConfig): Promise<INestApplication> {
    const destination = { write: (line: string) => void this.logLines.push(line) };
    const logger = new PinoLogger({ service: 'admin-api', level: config.LOG_LEVEL, destination });
    @Module({})
    class Root {}
    const root = {
      module: Root,
      global: true,
      imports: [CoreModule.forRoot({ service: 'admin-api', config, logger }), AdminApiModule],
      providers: [{ provide: AdminApiConfig, useValue: config }],
      exports: [AdminApiConfig],
    };
    return NestFactory.create(root, { logger: new NestLogBridge(logger), abortOnError: false });
  }
}
