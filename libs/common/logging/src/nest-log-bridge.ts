import type { LoggerService } from '@nestjs/common';

import type { Logger } from './logger';

/** Nest's own lines, through our logger: its start-up chatter only at debug. */
export class NestLogBridge implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown): void {
    this.logger.debug('nest', { text: String(message) });
  }

  warn(message: unknown): void {
    this.logger.warn('nest warns', { text: String(message) });
  }

  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error('nest failed', {
      text: String(message),
      error: rest.find((one) => typeof one === 'string'),
    });
  }

  debug(message: unknown): void {
    this.logger.debug('nest', { text: String(message) });
  }
}
