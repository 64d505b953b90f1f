import { Client } from 'pg';

export interface RolePlan {
  readonly superuserUrl: string;
  readonly role: string;
  readonly password: string;
  readonly database: string;
}

/** True once the server takes this login. */
export async function acceptsLogin(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  client.on('error', () => undefined); // a connection lost here only means: not yet
  try {
    await client.connect();
    await client.query('SELECT 1');
    return true;
  } catch {
    return false; // not yet
  } finally {
    await client.end().catch(() => undefined); // it never opened
  }
}

/** Gives the application a role of its own that is no superuser, and a database it owns. Harmless when repeated. */
export async function ensureRoleAndDatabase(plan: RolePlan): Promise<void> {
  const client = new Client({ connectionString: plan.superuserUrl });
  await client.connect();
  try {
    const known = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [plan.role]);
    const verb = known.rowCount ? 'ALTER' : 'CREATE';
    const password = client.escapeLiteral(plan.password);
    await client.query(
      `${verb} ROLE ${plan.role} LOGIN NOSUPERUSER CREATEDB NOCREATEROLE PASSWORD ${password}`,
    );
    const database = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [
      plan.database,
    ]);
    if (!database.rowCount) {
      await client.query(`CREATE DATABASE ${plan.database} OWNER ${plan.role}`);
    }
  } finally {
    await client.end();
  }
}
