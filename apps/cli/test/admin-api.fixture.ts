import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { Client } from 'pg';

const root = join(__dirname, '..', '..', '..');

/** The admin API as it is run in production, on a schema and a Redis prefix of its own. */
export class AdminApiProcess {
  readonly key = 'bootstrap-key-of-the-specs';
  url = '';
  private readonly schema = `cli_${randomBytes(6).toString('hex')}`;
  private readonly admin = new Client(process.env.DATABASE_URL);
  private child!: ChildProcess;

  static async start(env: NodeJS.ProcessEnv = {}): Promise<AdminApiProcess> {
    const api = new AdminApiProcess();
    await api.admin.connect();
    await api.admin.query(`CREATE SCHEMA ${api.schema}`);
    await api.admin.query(`SET search_path = ${api.schema}`);
    api.url = `http://127.0.0.1:${await api.listening(env)}`;
    while (!(await fetch(`${api.url}/readyz`)).ok) await new Promise(setImmediate);
    return api;
  }

  async sql(text: string, values: readonly unknown[] = []): Promise<void> {
    await this.admin.query(text, [...values]);
  }

  async stop(): Promise<void> {
    const gone = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.kill('SIGKILL');
    await gone;
    await this.admin.query(`DROP SCHEMA ${this.schema} CASCADE`);
    await this.admin.end();
  }

  private listening(env: NodeJS.ProcessEnv): Promise<number> {
    this.child = spawn(process.execPath, [join(root, 'dist', 'apps', 'admin-api', 'main.js')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: this.databaseUrl,
        REDIS_URL: process.env.REDIS_URL,
        REDIS_PREFIX: this.schema,
        MASTER_KEYS: `spec:${randomBytes(32).toString('base64')}`,
        ADMIN_API_KEY: this.key,
        ADMIN_API_PORT: '0',
        ...env,
      },
    });
    return new Promise((resolve, reject) => {
      this.child.once('exit', (code) => reject(new Error(`admin-api ended with ${code}`)));
      createInterface({ input: this.child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
        const { msg, port } = JSON.parse(line) as { msg?: string; port?: number };
        if (msg === 'listening' && port !== undefined) resolve(port);
      });
    });
  }

  private get databaseUrl(): string {
    const url = new URL(String(process.env.DATABASE_URL));
    url.searchParams.set('options', `-c search_path=${this.schema}`);
    return url.href.replaceAll('+', '%20');
  }
}
