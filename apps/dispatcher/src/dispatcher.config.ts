import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { coreEnv } from '@common/bootstrap';
import { port, validatedEnv } from '@common/config';

/** Validated when the service starts, frozen after; a wrong variable stops the boot and names itself. */
@Injectable()
export class DispatcherConfig extends validatedEnv(
  coreEnv.extend({
    DISPATCHER_PORT: port(3002).describe(
      'Health, readiness and metrics of the dispatcher; 0 picks a port',
    ),
    DISPATCHER_CONCURRENCY: z.coerce
      .number()
      .int()
      .positive()
      .default(16)
      .describe('Threads that one dispatcher brings up to date at the same time'),
    SWEEP_INTERVAL_MS: z.coerce
      .number()
      .int()
      .positive()
      .default(2_000)
      .describe('How often a dispatcher looks for rows that stand still'),
  }),
) {}
