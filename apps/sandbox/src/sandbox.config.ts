import { z } from 'zod';

const positiveMs = (fallback: number) => z.coerce.number().int().positive().default(fallback);
const optionalText = z
  .string()
  .optional()
  .transform((value) => (value === '' ? undefined : value));

const sandboxEnv = z.object({
  BIND_HOST: z.string().min(1).default('127.0.0.1'),
  /** 0 picks a free port; the listening line on stdout names it. */
  SANDBOX_PORT: z.coerce.number().int().min(0).max(65_535).default(3100),
  /** Starts with one corp, people, groups and two bots. Off: an empty organisation. */
  SANDBOX_SEED: z.stringbool().default(true),
  /** What the outside world calls this sandbox; unset: the address the request came to. */
  SANDBOX_PUBLIC_URL: optionalText,
  /** How long a robot message may stay un-acked before it is pushed again. */
  SANDBOX_REDELIVERY_MS: positiveMs(60_000),
  /** Calls per second, app and API path template; above it the platform answers 403. */
  SANDBOX_QPS: z.coerce.number().int().positive().default(20),
  /** Pause between the SYSTEM disconnect frame and the close of that connection. */
  SANDBOX_DISCONNECT_CLOSE_MS: positiveMs(10_000),
  /** Interval of SYSTEM ping frames on every connection. */
  SANDBOX_PING_MS: positiveMs(30_000),
  /** PEM files; both set: the sandbox speaks TLS and hands out wss:// endpoints. */
  SANDBOX_TLS_CERT_FILE: optionalText,
  SANDBOX_TLS_KEY_FILE: optionalText,
});

/** The validated environment. */
export type SandboxConfig = z.infer<typeof sandboxEnv>;

/** Reads and checks the environment. @throws Error naming every wrong variable at once. */
export function readSandboxConfig(env: NodeJS.ProcessEnv = process.env): SandboxConfig {
  const parsed = sandboxEnv.safeParse(env);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
  throw new Error(`wrong environment: ${wrong.join('; ')}`);
}
