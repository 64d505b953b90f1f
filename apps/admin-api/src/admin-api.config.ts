import { z } from 'zod';

import { coreEnv } from '@common/bootstrap';
import { port, Secret, validatedEnv } from '@common/config';
import { filesEnv } from '@common/files';

/** Shorter keys can be guessed; `openssl rand -hex 24` makes a good one. */
const MIN_KEY_CHARACTERS = 16;

const adminApiEnv = coreEnv.extend(filesEnv.shape).extend({
  ADMIN_API_PORT: port(3000).describe('Port of the REST API and the console'),
  ADMIN_API_KEY: z
    .string()
    .min(MIN_KEY_CHARACTERS, `must have at least ${MIN_KEY_CHARACTERS} characters`)
    .transform((value) => new Secret(value))
    .describe('Bootstrap key: whoever sends it as Bearer token is an owner of the platform'),
  MIGRATE: z
    .enum(['on', 'off'])
    .default('on')
    .describe('Whether admin-api brings the schema up to date at boot; off: npm run db:migrate'),
});

/** Validated when the process starts, frozen after; a wrong variable stops the boot and names itself. */
export class AdminApiConfig extends validatedEnv(adminApiEnv) {}
