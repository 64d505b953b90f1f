import { type Language, languageOf } from './texts';

/** What `npm start` brings up, read from the environment. */
export interface StackPlan {
  readonly language: Language;
  readonly bindHost: string;
  readonly apps: readonly AppPlan[];
  /** Set: used as is. Unset: embedded. */
  readonly databaseUrl: string | undefined;
  readonly redisUrl: string | undefined;
  /** The platform is ours: then there is a demo to set up. */
  readonly isSandboxed: boolean;
  readonly model: DemoModel | undefined;
  /** How long services may finish what they have in hand. */
  readonly shutdownDeadlineMs: number;
}

export interface AppPlan {
  readonly name: string;
  readonly portVariable: string;
  /** 0: the app picks one and says so. */
  readonly port: number;
}

export interface DemoModel {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly upstreamModel: string;
}

const services: readonly (readonly [string, string, number])[] = [
  ['admin-api', 'ADMIN_API_PORT', 3000],
  ['gateway', 'GATEWAY_PORT', 3001],
  ['dispatcher', 'DISPATCHER_PORT', 3002],
  ['generator', 'GENERATOR_PORT', 3003],
  ['sender', 'SENDER_PORT', 3004],
];
const sandbox = ['sandbox', 'SANDBOX_PORT', 3100] as const;
const defaultShutdownDeadlineMs = 25_000;
/** Services close their stores for up to 4 s after their deadline. */
const closingMs = 5_000;

/** @throws Error  naming every port variable that is no port */
export function planStack(env: NodeJS.ProcessEnv): StackPlan {
  const isSandboxed = !env['DINGTALK_API_URL'];
  const wrong: string[] = [];
  const apps = [...(isSandboxed ? [sandbox] : []), ...services].map(
    ([name, variable, fallback]) => {
      const port = env[variable] ? Number(env[variable]) : fallback;
      if (!Number.isInteger(port) || port < 0 || port > 65_535)
        wrong.push(`${variable}=${env[variable]}`);
      return { name, portVariable: variable, port };
    },
  );
  if (wrong.length > 0) throw new Error(`no port number: ${wrong.join(', ')}`);
  return {
    language: languageOf(env),
    bindHost: env['BIND_HOST'] || '127.0.0.1',
    apps,
    databaseUrl: env['DATABASE_URL'] || undefined,
    redisUrl: env['REDIS_URL'] || undefined,
    isSandboxed,
    model: demoModel(env),
    shutdownDeadlineMs:
      (Number(env['SHUTDOWN_DEADLINE_MS']) || defaultShutdownDeadlineMs) + closingMs,
  };
}

/** A model needs its name and at least one of host and key: servers on one's own machine take any key. */
function demoModel(env: NodeJS.ProcessEnv): DemoModel | undefined {
  const { OPENAI_MODEL, OPENAI_BASE_URL, OPENAI_API_KEY } = env;
  if (!OPENAI_MODEL || !(OPENAI_BASE_URL || OPENAI_API_KEY)) return undefined;
  return {
    baseUrl: OPENAI_BASE_URL || 'https://api.openai.com/v1',
    apiKey: OPENAI_API_KEY || 'not-needed',
    upstreamModel: OPENAI_MODEL,
  };
}
