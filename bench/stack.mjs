// Stores, schema, channels and one gateway for a benchmark. Everything is thrown away afterwards.
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { stopLater } from './leave.mjs';
import { MeasuredProcess } from './measured-process.mjs';
import { statementSettings } from './statements.mjs';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const built = createRequire(join(root, 'dist', 'bench.js'));
const { SecretBox } = built('@common/kernel');
const { migrate, DEFAULT_TENANT_ID } = built('@common/persistence');
const { startPostgres, startRedis } = built('./tools/stack/src/index.js');

export class BenchStack {
  masterKeys = `k1:${randomBytes(32).toString('base64')}`;
  box = SecretBox.parse(this.masterKeys);
  tenantId = DEFAULT_TENANT_ID;
  channels = [];
  #folder = mkdtempSync(join(tmpdir(), 'carillon-bench-'));
  #started;
  #stopping;
  #stopped;

  static async start() {
    const stack = new BenchStack();
    stack.#started = stack.#start();
    stack.#stopped = stopLater(() => stack.stop());
    await stack.#started;
    return stack;
  }

  async #start() {
    const cacheDir = join(root, '.data', 'cache');
    // As in production: every commit is on disk before it counts.
    this.postgres = await startPostgres({
      dataDir: join(this.#folder, 'postgres'),
      settings: statementSettings,
    });
    this.redis = await startRedis({ dataDir: join(this.#folder, 'redis'), cacheDir });
    await migrate(this.postgres.url);
    this.sql = new pg.Pool({ connectionString: this.postgres.url, max: 10 });
    // An idle connection that ends with the server is no matter.
    this.sql.on('error', () => undefined);
  }

  /** Channels until there are `count`. */
  async addChannels(count) {
    while (this.channels.length < count) {
      const channel = { id: randomUUID(), clientId: `ding${randomBytes(8).toString('hex')}` };
      await this.sql.query(
        `INSERT INTO channel (id, tenant_id, name, client_id, client_secret, card, session)
         VALUES ($1, $2, 'bench', $3, $4, '{"enabled":true,"pace":"balanced"}', '{"scope":"person","idleMinutes":1440}')`,
        [channel.id, this.tenantId, channel.clientId, this.box.seal('secret')],
      );
      this.channels.push(channel);
    }
  }

  gateway(platformUrl, env = {}) {
    return this.service('gateway', { ...this.platformAt(platformUrl), ...env });
  }

  /** One of our services as in production, on any free port. */
  service(name, env = {}) {
    return new MeasuredProcess(join(root, 'dist', 'apps', name, 'main.js'), {
      env: {
        DATABASE_URL: this.postgres.url,
        REDIS_URL: this.redis.url,
        MASTER_KEYS: this.masterKeys,
        [`${name.toUpperCase().replace('-', '_')}_PORT`]: '0',
        LOG_LEVEL: 'warn',
        ...env,
      },
    });
  }

  platformAt = (url) => ({ DINGTALK_API_URL: url, DINGTALK_OAPI_URL: url });

  /** Twice does no harm, nor when it has not quite started. */
  stop() {
    return (this.#stopping ??= this.#stop());
  }

  async #stop() {
    this.#stopped();
    // Who waits for it has the error.
    await this.#started.catch(() => undefined);
    await this.sql?.end();
    await Promise.all([this.redis?.stop(), this.postgres?.stop()]);
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
