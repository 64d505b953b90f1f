import 'reflect-metadata';

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { type DynamicModule, type INestApplication, Module, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import { ConfigError } from '@common/config';
import { Clock, SecretBox } from '@common/kernel';
import { Logger, NestLogBridge, PinoLogger } from '@common/logging';
import { checkMasterKeys, Database, MissingMasterKeyError, whileAway } from '@common/persistence';
import { AnnouncementStrategy, connectRedis, RedisKeys, redisPlaceOf } from '@common/redis';

import { awaitSchema } from './await-schema';
import { CoreConfig } from './core.config';
import { CoreModule, SHARED_REDIS } from './core.module';
import { HttpDoor } from './http-door';
import { Incarnation } from './incarnation';
import { Metrics } from './metrics';
import { Readiness } from './readiness';
import { ServiceLife } from './service-life';

export interface ServiceDefinition<C extends CoreConfig> {
  readonly name: string;
  readonly config: new () => C;
  readonly module: Type;
  readonly port: (config: C) => number;
  /** Anything the HTTP server needs before it listens (parsers, documents, static files). */
  readonly prepare?: (app: INestApplication, config: C) => void | Promise<void>;
  /** Runs when the process is up and before the schema is asked for; admin-api migrates here. */
  readonly beforeSchema?: (app: INestApplication, config: C, signal: AbortSignal) => Promise<void>;
}

/** EX_CONFIG of sysexits.h: a supervisor need not try again. */
const EXIT_CONFIG = 78;
/** On top of the shutdown deadline, for closing stores. */
const CLOSING_MS = 4_000;

/** Runs one service until it is told to stop: HTTP first, then stores, then work; the reverse at the end. */
export function runService<C extends CoreConfig>(definition: ServiceDefinition<C>): void {
  serve(definition).catch((error: unknown) => {
    const isConfig = error instanceof ConfigError || error instanceof MissingMasterKeyError;
    const known = isConfig || (error as { code?: unknown }).code === 'EADDRINUSE';
    process.stderr.write(
      `${definition.name}: ${error instanceof Error ? (known ? error.message : error.stack) : String(error)}\n`,
    );
    process.exit(isConfig ? EXIT_CONFIG : 1);
  });
}

async function serve<C extends CoreConfig>(definition: ServiceDefinition<C>): Promise<void> {
  const config = new definition.config();
  const logger = new PinoLogger({ service: definition.name, level: config.LOG_LEVEL });
  watchForBugs(logger);

  const stopping = new AbortController();
  const app = await NestFactory.create(rootModule(definition, config, logger), {
    logger: new NestLogBridge(logger),
    abortOnError: false,
  });
  await definition.prepare?.(app, config);
  hearAnnouncements(app, config, logger);
  const door = new HttpDoor(app.getHttpServer() as Server);
  await app.listen(definition.port(config), config.BIND_HOST);
  const metricsServer = serveMetrics(app, config);
  onSignal(() => stop({ app, config, logger, stopping, metricsServer, door }));
  const { port } = app.getHttpServer().address() as AddressInfo;
  logger.info('listening', { port, host: config.BIND_HOST });

  await definition.beforeSchema?.(app, config, stopping.signal);
  const parts = { readiness: app.get(Readiness), logger, clock: app.get(Clock) };
  await awaitSchema(app.get(Database), parts, stopping.signal);
  if (stopping.signal.aborted) return;
  await whileAway(parts.clock, stopping.signal, () =>
    checkMasterKeys(app.get(Database), app.get(SecretBox)),
  );
  await app.get(Incarnation).start();
  await app.get(ServiceLife).start();
  if (stopping.signal.aborted) return;
  parts.readiness.become(true);
  logger.info('ready');
}

function rootModule<C extends CoreConfig>(
  definition: ServiceDefinition<C>,
  config: C,
  logger: Logger,
): DynamicModule {
  @Module({})
  class Root {}
  return {
    module: Root,
    imports: [CoreModule.forRoot({ service: definition.name, config, logger }), definition.module],
    providers: [{ provide: definition.config, useValue: config }],
    exports: [definition.config],
    global: true,
  };
}

function hearAnnouncements(app: INestApplication, config: CoreConfig, logger: Logger): void {
  const onFault = (error: unknown): void => logger.debug('announcement not heard', { error });
  const subscriber = connectRedis({
    ...redisPlaceOf(config),
    name: 'announcements',
    mood: 'patient',
    onError: onFault,
  });
  app.connectMicroservice({
    strategy: new AnnouncementStrategy(subscriber, app.get(RedisKeys), onFault),
  });
  app.startAllMicroservices().catch(onFault);
}

function serveMetrics(app: INestApplication, config: CoreConfig): Server | undefined {
  if (config.METRICS_PORT === undefined) return undefined;
  const { registry } = app.get(Metrics);
  const server = createServer((_request, response) => {
    registry.metrics().then(
      (text) => response.setHeader('content-type', registry.contentType).end(text),
      () => response.writeHead(500).end(),
    );
  });
  return server.listen(config.METRICS_PORT, config.BIND_HOST);
}

interface Stopping {
  readonly app: INestApplication;
  readonly config: CoreConfig;
  readonly logger: Logger;
  readonly stopping: AbortController;
  readonly metricsServer: Server | undefined;
  readonly door: HttpDoor;
}

async function stop(parts: Stopping): Promise<void> {
  const { app, config, logger, stopping, metricsServer, door } = parts;
  if (stopping.signal.aborted) return;
  stopping.abort();
  app.get(Readiness).become('stopping');
  logger.info('stopping');
  setTimeout(() => process.exit(1), config.SHUTDOWN_DEADLINE_MS + CLOSING_MS).unref();
  const life = app.get(ServiceLife);
  const steps: [string, () => unknown][] = [
    ['stop intake', () => life.stopIntake()],
    ['finish', () => life.finish(config.SHUTDOWN_DEADLINE_MS)],
    ['release leases', () => app.get(Incarnation).stop()],
    ['close http', () => door.close(() => app.close())],
    ['close metrics', () => metricsServer?.close()],
    ['close postgres', () => app.get(Database).close()],
    ['close redis', () => app.get<{ disconnect(): void }>(SHARED_REDIS).disconnect()],
  ];
  for (const [step, run] of steps) {
    try {
      await run();
    } catch (error) {
      logger.warn('shutdown step failed', { step, error });
    }
  }
  logger.info('stopped');
  process.exit(0);
}

function onSignal(stopNow: () => Promise<void>): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stopNow());
}

/** A rejection nobody handled is a bug, but no reason to drop everybody's answers; an exception leaves no known state. */
function watchForBugs(logger: Logger): void {
  process.on('unhandledRejection', (error) => logger.error('unhandled rejection', { error }));
  process.on('uncaughtException', (error) => {
    logger.error('uncaught exception', { error });
    process.exit(1);
  });
}
