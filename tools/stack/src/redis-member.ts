import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import Redis from 'ioredis';
import { type ManagedProcess, startProcess } from './managed-process';
import { freePort } from './ports';
import { type RedisChoice } from './redis-choice';
import { writePrivately } from './secret-file';
import { waitUntil } from './wait-until';

export interface MemberPlan {
  readonly home: string;
  readonly choice: RedisChoice;
  readonly password: string;
  /** Lines of its settings, beside address and folder. */
  readonly settings: readonly string[];
  readonly isSentinel?: boolean;
  /** Where the nodes of a Cluster speak to each other; their own choice, the port + 10,000, may lie beyond the last. */
  readonly bus?: number;
}

/** One server of a set: it keeps its port and its folder, and can be killed and started again. */
export class RedisMember {
  private child: ManagedProcess | undefined;

  private constructor(
    private readonly plan: MemberPlan,
    readonly port: number,
  ) {}

  static async start(plan: MemberPlan): Promise<RedisMember> {
    mkdirSync(plan.home, { recursive: true });
    const member = new RedisMember(plan, await freePort());
    const { settings, home } = plan;
    const lines = ['bind 127.0.0.1', `port ${member.port}`, 'protected-mode no', `dir "${home}"`];
    const bus = plan.bus === undefined ? [] : [`cluster-port ${plan.bus}`];
    writePrivately(member.file, `${[...lines, ...bus, ...settings].join('\n')}\n`);
    await member.up();
    return member;
  }

  get bus(): number | undefined {
    return this.plan.bus;
  }

  get node(): { host: string; port: number } {
    return { host: '127.0.0.1', port: this.port };
  }

  /** Starts it, or starts it again with what it wrote into its settings meanwhile. */
  async up(): Promise<void> {
    const { choice, home, isSentinel } = this.plan;
    const lines: string[] = [];
    this.child = await startProcess({
      name: isSentinel ? 'sentinel' : 'redis',
      command: choice.command,
      args: [...choice.args, this.file, ...(isSentinel ? ['--sentinel'] : [])],
      env: choice.env,
      cwd: home,
      onLine: (line) => lines.push(line),
    });
    const answers = await waitUntil(
      async () => (await this.tries((client) => client.ping())) !== undefined || undefined,
      15_000,
    );
    if (!answers) throw new Error(`a Redis of the set did not come up: ${lines.slice(-5).join()}`);
  }

  /** SIGKILL. */
  async down(): Promise<void> {
    this.child?.kill();
    await this.child?.ended;
  }

  async stop(): Promise<void> {
    await this.child?.stop(3_000);
  }

  /** Asks it something on a connection of its own. */
  async ask<T>(question: (client: Redis) => Promise<T>): Promise<T> {
    const { isSentinel, password } = this.plan;
    const client = new Redis({
      ...this.node,
      ...(isSentinel ? {} : { password }),
      lazyConnect: true,
      retryStrategy: () => null,
      maxRetriesPerRequest: 0,
    });
    client.on('error', () => undefined); // the question fails
    try {
      await client.connect();
      return await question(client);
    } finally {
      client.disconnect();
    }
  }

  /** The same; undefined while it is away. */
  async tries<T>(question: (client: Redis) => Promise<T>): Promise<T | undefined> {
    try {
      return await this.ask(question);
    } catch {
      return undefined;
    }
  }

  private get file(): string {
    return join(this.plan.home, 'redis.conf');
  }
}
