import pino, { type DestinationStream } from 'pino';

import { correlation } from '@common/kernel';

import { redacted } from './redaction';

/** Names of the fields that mean the same everywhere. */
export interface LogFields {
  readonly channelId?: string | undefined;
  readonly sessionId?: string | undefined;
  readonly turnId?: string | undefined;
  readonly deliveryId?: string | undefined;
  readonly eventId?: string | undefined;
  readonly agentId?: string | undefined;
  readonly queue?: string | undefined;
  readonly attempt?: number | undefined;
  readonly durationMs?: number | undefined;
  readonly code?: string | undefined;
  readonly error?: unknown;
  readonly [field: string]: unknown;
}

/** The message is a constant lower-case phrase; values are fields. Message text, tokens and secrets are never logged. */
export abstract class Logger {
  abstract debug(message: string, fields?: LogFields): void;
  abstract info(message: string, fields?: LogFields): void;
  abstract warn(message: string, fields?: LogFields): void;
  abstract error(message: string, fields?: LogFields): void;
}

export interface LoggerOptions {
  readonly service: string;
  readonly level: string;
  /** Where lines go; stdout unless a spec says otherwise. */
  readonly destination?: DestinationStream;
}

/** JSON lines by pino, with service and correlation id on each and secrets taken out. */
export class PinoLogger extends Logger {
  private readonly pino: pino.Logger;

  constructor({ service, level, destination }: LoggerOptions) {
    super();
    const options: pino.LoggerOptions = {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
    };
    this.pino = destination ? pino(options, destination) : pino(options);
  }

  debug(message: string, fields?: LogFields): void {
    this.write('debug', message, fields);
  }

  info(message: string, fields?: LogFields): void {
    this.write('info', message, fields);
  }

  warn(message: string, fields?: LogFields): void {
    this.write('warn', message, fields);
  }

  error(message: string, fields?: LogFields): void {
    this.write('error', message, fields);
  }

  private write(
    level: 'debug' | 'info' | 'warn' | 'error',
    message: string,
    fields: LogFields = {},
  ): void {
    if (!this.pino.isLevelEnabled(level)) return;
    const scope = correlation.getStore();
    this.pino[level]({ ...scope, ...(redacted(fields) as object) }, message);
  }
}
