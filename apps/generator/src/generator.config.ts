import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { coreEnv } from '@common/bootstrap';
import { port, validatedEnv } from '@common/config';
import { filesEnv } from '@common/files';

import { stdioServers } from './tools/stdio-servers';

const ms = (fallback: number) => z.coerce.number().int().positive().default(fallback);

/** Validated when the service starts, frozen after; a wrong variable stops the boot and names itself. */
@Injectable()
export class GeneratorConfig extends validatedEnv(
  coreEnv.extend(filesEnv.shape).extend({
    GENERATOR_PORT: port(3003).describe(
      'Health, readiness and metrics of the generator; 0 picks a port',
    ),
    GENERATOR_CONCURRENCY: z.coerce
      .number()
      .int()
      .positive()
      .default(400)
      .describe('Turns that one generator answers at the same time'),
    MODEL_CONNECT_TIMEOUT_MS: ms(10_000).describe('How long reaching a model server may take'),
    MODEL_SILENCE_TIMEOUT_MS: ms(60_000).describe(
      'How long a model may say nothing, before the first word and between words',
    ),
    MODEL_TOTAL_TIMEOUT_MS: ms(300_000).describe(
      'How long one answer may take, unless the agent says otherwise',
    ),
    FILES_WAIT_MS: ms(15_000).describe(
      'How long an answer waits for pictures and files that are still being fetched',
    ),
    MCP_STDIO_SERVERS: stdioServers.describe(
      'Local tool servers that tenants may choose by name: JSON of {"name": {"command", "args"?, "env"?}}',
    ),
  }),
) {}
