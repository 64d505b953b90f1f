import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AdminClient } from './admin-client';
import { ModelServer } from './model-server';
import { OwnSchema } from './own-schema';
import { SandboxClient } from './sandbox-client';
import { type ServiceName, serviceNames, ServiceProcess } from './service-process';

// What a spec waits for has its own deadline; this one only ends what hangs, on a machine that has other things to do too.
jest.setTimeout(process.env['LONG'] === '1' ? 600_000 : 300_000);

export interface InstallationOptions {
  /** Replicas of a service; 1 unless named. */
  readonly replicas?: Partial<Record<ServiceName, number>>;
  /** Laid over the environment of every service. */
  readonly env?: Readonly<Record<string, string>>;
  readonly sandboxEnv?: Readonly<Record<string, string>>;
  /** Told where the sandbox listens, before any service starts. */
  readonly onSandbox?: (url: string) => void;
  /** Unset: DATABASE_URL of the run. */
  readonly databaseUrl?: string;
  /** Unset: REDIS_URL of the run. */
  readonly redisUrl?: string;
  /** Changes what the services are given, once the sandbox listens: to put a proxy in between, for example. */
  readonly rewire?: (env: Readonly<Record<string, string>>) => Promise<Record<string, string>>;
}

/** Carillon as it runs in production: processes, a schema and a Redis prefix of its own, the sandbox outside. */
export class Installation {
  readonly adminKey: string;
  readonly masterKeys: string;
  readonly redisPrefix = `system-${randomBytes(6).toString('hex')}`;
  readonly redisUrl: string;
  private readonly filesDir = join(tmpdir(), this.redisPrefix);
  readonly sandboxProcess: ServiceProcess;
  private readonly replicas = new Map<ServiceName, ServiceProcess[]>();
  private sandboxClient: SandboxClient | undefined;

  private constructor(
    private readonly options: InstallationOptions,
    readonly schema: OwnSchema,
    readonly model: ModelServer,
  ) {
    this.adminKey = options.env?.['ADMIN_API_KEY'] ?? randomBytes(24).toString('hex');
    this.masterKeys = options.env?.['MASTER_KEYS'] ?? `k1:${randomBytes(32).toString('base64')}`;
    this.redisUrl = options.redisUrl ?? process.env['REDIS_URL'] ?? '';
    this.sandboxProcess = new ServiceProcess('sandbox', {
      SANDBOX_REDELIVERY_MS: '3000',
      SANDBOX_DISCONNECT_CLOSE_MS: '2000',
      ...options.sandboxEnv,
    });
  }

  /** Everything started and ready. What was started is stopped again when the rest fails. */
  static async start(options: InstallationOptions = {}): Promise<Installation> {
    const schema = await OwnSchema.create(options.databaseUrl);
    const installation = new Installation(options, schema, await ModelServer.start());
    try {
      await installation.up();
    } catch (error) {
      await installation.stop();
      throw error;
    }
    return installation;
  }

  readonly admin = new AdminClient(
    () => this.service('admin-api').url,
    () => this.adminKey,
  );

  get sandbox(): SandboxClient {
    this.sandboxClient ??= new SandboxClient(this.sandboxProcess.url);
    return this.sandboxClient;
  }

  service(name: ServiceName, replica = 0): ServiceProcess {
    const found = this.replicas.get(name)?.[replica];
    if (!found) throw new Error(`no ${name} number ${replica}`);
    return found;
  }

  get services(): ServiceProcess[] {
    return [...this.replicas.values()].flat();
  }

  /** The rows that are not at their end, for the message of a failing spec. */
  async openWork(): Promise<string> {
    const [row] = await this.schema.query<{ work: string }>(OPEN_WORK);
    const alive = this.services.map((one) => `${one.name} ${one.pid} ${one.isRunning()}`);
    return `${row?.work ?? ''} model requests under way: ${this.model.underWay} ${alive.join(', ')}`;
  }

  async stop(): Promise<void> {
    this.model.dropAll();
    await Promise.all(this.services.map((service) => service.stop(8_000)));
    await this.sandboxProcess.stop(5_000);
    await this.model.stop();
    await this.schema.drop();
    await rm(this.filesDir, { recursive: true, force: true });
  }

  private async up(): Promise<void> {
    await this.sandboxProcess.start();
    this.options.onSandbox?.(this.sandboxProcess.url);
    const plain = this.environment();
    const env = { ...plain, ...(await this.options.rewire?.(plain)) };
    for (const name of serviceNames) {
      const count = this.options.replicas?.[name] ?? 1;
      const processes = Array.from({ length: count }, () => new ServiceProcess(name, env));
      this.replicas.set(name, processes);
    }
    await Promise.all(this.services.map((service) => service.start()));
    await Promise.all(this.services.map((service) => service.ready()));
  }

  private environment(): Record<string, string> {
    const platform = this.sandboxProcess.url;
    return {
      // Nothing of tenants is seen by a statement that does not say whose (row-level security).
      DATABASE_URL: `${this.schema.url}%20-c%20carillon.tenant%3D-`,
      DATABASE_POOL_SIZE: '5',
      REDIS_URL: this.redisUrl,
      REDIS_PREFIX: this.redisPrefix,
      MASTER_KEYS: this.masterKeys,
      ADMIN_API_KEY: this.adminKey,
      DINGTALK_API_URL: platform,
      DINGTALK_OAPI_URL: platform,
      DINGTALK_LOGIN_URL: platform,
      SHUTDOWN_DEADLINE_MS: '6000',
      FILES_DIR: this.filesDir,
      ...this.options.env,
    };
  }
}

const OPEN_WORK = `
SELECT jsonb_build_object(
  'now', now(),
  'events', (SELECT jsonb_agg(to_jsonb(e) - 'raw' - 'content' - 'reply_webhook') FROM inbound_event e WHERE state = 'pending'),
  'turns', (SELECT jsonb_agg(to_jsonb(t) - 'answer') FROM turn t WHERE ended_at IS NULL),
  'deliveries', (SELECT jsonb_agg(to_jsonb(d) - 'reply_webhook' - 'text') FROM delivery d WHERE state = 'open'),
  'processes', (SELECT jsonb_agg(to_jsonb(i)) FROM incarnation i))::text AS work`;
