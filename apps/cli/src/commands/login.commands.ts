import type { Command } from 'commander';

import { answered, createClient } from '@carillon/client';

import type { CliContext } from '../cli-context';
import { CliError } from '../cli.errors';

interface LoginOptions {
  readonly keyStdin?: boolean;
}

/** Where the API is, and with which key it is asked. */
export function addLoginCommands(program: Command, context: CliContext): void {
  program
    .command('login')
    .description('keep address and key (CARILLON_KEY, or --key-stdin) in ~/.config/carillon')
    .option('--key-stdin', 'read the key from the standard input')
    .action(async ({ keyStdin = false }: LoginOptions) => {
      const { environment, options, say } = context;
      const url = options.url ?? environment.url;
      const key = keyStdin ? (await standardInput()).trim() : environment.key;
      if (url === undefined) throw new CliError(say('notLoggedIn'));
      if (key === undefined || key === '') throw new CliError(say('noKeyGiven'));
      const profile = { url, key, tenant: options.tenant ?? environment.tenant };
      // A key that does not work is not kept.
      const { version } = await answered(createClient(profile).GET('/api/v1/system/info'));
      const file = context.profiles.write(profile);
      context.print({ url, file, version }, () => say('loggedIn', { file }));
    });

  program
    .command('logout')
    .description('forget address and key')
    .action(() => {
      context.profiles.forget();
      context.print({}, () => context.say('loggedOut'));
    });
}

async function standardInput(): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}
