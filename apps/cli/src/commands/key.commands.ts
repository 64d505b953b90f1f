import type { Command } from 'commander';

import { allOf, answered, everyItem } from '@carillon/client';

import type { CliContext } from '../cli-context';
import { table } from '../table';

interface CreateOptions {
  readonly role: 'viewer' | 'operator' | 'admin' | 'owner';
  readonly expires?: string;
}

/** Keys of the API, and the master keys that seal secrets. */
export function addKeyCommands(program: Command, context: CliContext): void {
  const keys = program.command('keys').description('keys for this API, and master keys');

  keys
    .command('list')
    .description('keys by their prefix, revoked ones included')
    .action(() => list(context));

  keys
    .command('create <name>')
    .description('a new key; it is shown this once')
    .requiredOption('--role <role>', 'viewer, operator, admin or owner')
    .option('--expires <time>', 'RFC 3339; else never')
    .action(async (name: string, { role, expires }: CreateOptions) => {
      const key = await answered(
        context.client.POST('/api/v1/api-keys', {
          body: { name, role, ...(expires === undefined ? {} : { expiresAt: expires }) },
        }),
      );
      context.print(key, () => `${context.say('keyShownOnce')} ${key.key}`);
    });

  keys
    .command('revoke <id>')
    .description('effective at once')
    .action(async (id: string) => {
      await context.client.DELETE('/api/v1/api-keys/{id}', { params: { path: { id } } });
      context.print({ id }, () => context.say('done'));
    });

  keys
    .command('master')
    .description('master keys, and how far rows are sealed with the first (key of the platform)')
    .action(async () => {
      const state = await answered(context.client.GET('/api/v1/system/keys'));
      context.print(state, () => JSON.stringify(state, null, 2));
    });
}

async function list(context: CliContext): Promise<void> {
  const { client } = context;
  const items = await allOf(
    everyItem((cursor) =>
      answered(
        client.GET('/api/v1/api-keys', {
          params: { query: { limit: 200, ...(cursor === undefined ? {} : { cursor }) } },
        }),
      ),
    ),
  );
  context.print({ items }, () =>
    table([
      ['PREFIX', 'ROLE', 'NAME', 'LAST USED', 'EXPIRES', 'REVOKED', 'ID'],
      ...items.map((key) => [
        ...[key.prefix, key.role, key.name, key.lastUsedAt, key.expiresAt, key.revokedAt, key.id],
      ]),
    ]),
  );
}
