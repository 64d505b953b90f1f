import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { coreEnv } from '@common/bootstrap';
import { port, validatedEnv } from '@common/config';
import { filesEnv } from '@common/files';

const positive = (fallback: number) => z.coerce.number().int().positive().default(fallback);

/** Validated when the service starts, frozen after; a wrong variable stops the boot and names itself. */
@Injectable()
export class SenderConfig extends validatedEnv(
  coreEnv.extend(filesEnv.shape).extend({
    SENDER_PORT: port(3004).describe('Health, readiness and metrics of the sender; 0 picks a port'),
    SENDER_CONCURRENCY: positive(500).describe('Answers that one sender shows at the same time'),
    SENDER_CALLS_PER_SECOND: z.coerce
      .number()
      .positive()
      .default(18)
      .describe(
        'Calls per second of one DingTalk app and API path, all senders together; the platform stops at 20',
      ),
    SENDER_EGRESS: z
      .string()
      .min(1)
      .default('default')
      .describe(
        'Name of the address that calls leave by; senders of one name are counted together and stop together when it is banned',
      ),
    SENDER_CALL_TIMEOUT_MS: positive(4_000).describe(
      'How long one call to the platform may take; must stay below the lease of 6 s',
    ),
    SENDER_CARDS_RETRY_MS: positive(1_800_000).describe(
      'How long a channel answers in text after cards turned out not to work (permission, template)',
    ),
  }),
) {}
