import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { coreEnv } from '@common/bootstrap';
import { port, validatedEnv } from '@common/config';

const positive = (fallback: number) => z.coerce.number().int().positive().default(fallback);

/** Validated when the service starts, frozen after; a wrong variable stops the boot and names itself. */
@Injectable()
export class GatewayConfig extends validatedEnv(
  coreEnv.extend({
    GATEWAY_PORT: port(3001).describe(
      'Health, readiness and metrics of the gateway; 0 picks a port',
    ),
    GATEWAY_JOURNAL_TIMEOUT_MS: positive(800).describe(
      'How long Postgres may take for a frame; after that Redis takes it, if its append-only file is on',
    ),
    GATEWAY_SPILL_MAX: positive(50_000).describe(
      'Events that may wait in Redis for Postgres, of all gateways; beyond it frames are not acknowledged',
    ),
    GATEWAY_MAX_PENDING: positive(5_000).describe(
      'Frames waiting for Postgres in one gateway; beyond it frames are not acknowledged',
    ),
    GATEWAY_PING_MS: positive(10_000).describe('Pause between pings of a stream connection'),
  }),
) {}
