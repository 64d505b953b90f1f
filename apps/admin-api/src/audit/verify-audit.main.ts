import 'reflect-metadata';

import { storeEnv, validatedEnv } from '@common/config';
import { createDataSource, Database, verifyAudit } from '@common/persistence';

class VerifyConfig extends validatedEnv(storeEnv.pick({ DATABASE_URL: true })) {}

/** `node dist/apps/admin-api/src/audit/verify-audit.main.js [tenant slug …]`: exit code 1 when a chain is broken. */
async function main(slugs: readonly string[]): Promise<void> {
  const url = new VerifyConfig().DATABASE_URL.reveal();
  const source = createDataSource({ url, poolSize: 1, applicationName: 'carillon-verify-audit' });
  const database = new Database(source);
  try {
    const tenants = await database.platformOnce<{ id: string; slug: string }>(
      'SELECT id, slug FROM tenant WHERE cardinality($1::text[]) = 0 OR slug = ANY ($1) ORDER BY slug',
      [slugs],
    );
    if (tenants.length < slugs.length) throw new Error('there is no such tenant');
    for (const { id, slug } of tenants) await report(database, id, slug);
  } finally {
    await database.close();
  }
}

async function report(database: Database, tenantId: string, slug: string): Promise<void> {
  const { rows, firstBroken, firstSeq, lastSeq, lastHash } = await verifyAudit(database, tenantId);
  if (!firstBroken) {
    process.stdout.write(
      `${slug}: whole, ${rows} rows (${firstSeq} to ${lastSeq}), ends ${lastHash}\n`,
    );
    return;
  }
  const { seq, id, breach } = firstBroken;
  process.stdout.write(`${slug}: broken at row ${seq} (id ${id ?? 'gone'}): ${breach}\n`);
  process.exitCode = 1;
}

main(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
