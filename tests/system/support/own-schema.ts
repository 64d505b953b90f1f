import { randomBytes } from 'node:crypto';
import { Client } from 'pg';

/** A database schema of one spec file's own, and the URL that leads there. */
export class OwnSchema {
  private constructor(
    readonly name: string,
    /** What services are given. */
    readonly url: string,
  ) {}

  /**
   * @param base  the database; that of the run unless given
   * @throws Error  when DATABASE_URL is not set: start the specs with `npm run test:system`
   */
  static async create(base = process.env['DATABASE_URL']): Promise<OwnSchema> {
    if (!base) throw new Error('DATABASE_URL is not set: run `npm run test:system`');
    const name = `system_${randomBytes(6).toString('hex')}`;
    const options = `options=-c%20search_path%3D${name}`;
    const schema = new OwnSchema(name, `${base}${base.includes('?') ? '&' : '?'}${options}`);
    await schema.query(`CREATE SCHEMA ${name}`);
    return schema;
  }

  /** One statement, for what the REST API does not show. */
  async query<Row>(text: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.url });
    await client.connect();
    try {
      return (await client.query(text, values)).rows as Row[];
    } finally {
      await client.end();
    }
  }

  async drop(): Promise<void> {
    await this.query(`DROP SCHEMA IF EXISTS ${this.name} CASCADE`);
  }
}
