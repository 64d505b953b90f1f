import { z } from 'zod';

/** What every HTTP-serving process needs. */
export const serviceEnv = z.object({
  BIND_HOST: z.string().default('127.0.0.1').describe('Address to listen on; 0.0.0.0 in the image'),
  METRICS_PORT: z.coerce
    .number()
    .int()
    .min(0)
    .max(65_535)
    .optional()
    .describe('Moves /metrics away from the public port'),
  LOG_LEVEL: z
    .enum(['debug', 'info', 'warn', 'error', 'silent'])
    .default('info')
    .describe('Least level written'),
  SHUTDOWN_DEADLINE_MS: z.coerce
    .number()
    .int()
    .positive()
    .default(25_000)
    .describe('How long work in hand may go on after SIGTERM'),
});

/** A port variable: `0` picks a free port and prints it. */
export const port = (fallback: number) =>
  z.coerce.number().int().min(0).max(65_535).default(fallback);
