import type { Command } from 'commander';

import { allOf, answered } from '@carillon/client';

import type { CliContext } from '../cli-context';
import { CliError } from '../cli.errors';
import { exitCodes } from '../exit-codes';
import { table } from '../table';
import { channelIdsOf, everyChannel } from './find-channel';

type Deed = 'enable' | 'disable' | 'restart';
interface DeedOptions {
  readonly all?: boolean;
  readonly now?: boolean;
}

/** Bots. */
export function addChannelCommands(program: Command, context: CliContext): void {
  const channels = program.command('channels').description('bots: one DingTalk app each');

  channels
    .command('list')
    .description('every channel, with what is known of its connection')
    .action(() => list(context));

  channels
    .command('status <channel>')
    .description('what a live gateway knows of the connection')
    .action((name: string) => status(context, name));

  channels
    .command('test <channel>')
    .description('check credentials, permissions and card; nobody notices')
    .action((name: string) => test(context, name));

  for (const deed of ['enable', 'disable', 'restart'] as const) {
    const command = channels
      .command(`${deed} [channels...]`)
      .description(`${deed} channels, by id, client id or name`)
      .option('--all', 'every channel of the tenant');
    if (deed === 'disable') command.option('--now', 'stop running turns, too');
    command.action((names: string[], options: DeedOptions) => run(context, deed, names, options));
  }
}

async function list(context: CliContext): Promise<void> {
  const found = await allOf(everyChannel(context, 'status'));
  const items = found.map(({ id, name, clientId, enabled, status: now }) => ({
    ...{ id, name, clientId, enabled, state: now?.state, code: now?.code },
  }));
  context.print({ items }, () =>
    table([
      ['STATE', 'CODE', 'NAME', 'CLIENT ID', 'ID'],
      ...items.map((one) => [one.state, one.code, one.name, one.clientId, one.id]),
    ]),
  );
}

async function status(context: CliContext, name: string): Promise<void> {
  const [id = ''] = await channelIdsOf(context, [name]);
  const now = await answered(
    context.client.GET('/api/v1/channels/{id}/status', { params: { path: { id } } }),
  );
  context.print(now, () =>
    [
      `${now.state} (${now.code})`,
      now.message,
      ...(now.userAction === null ? [] : [`→ ${now.userAction}`]),
      table([
        ['connected', now.connectedAt],
        ['last message', now.lastMessageAt],
        ['last answer', now.lastAnswerAt],
        ['last error', now.lastError && `${now.lastError.code} ${now.lastError.at}`],
        ['as of', now.asOf],
      ]),
    ].join('\n'),
  );
  if (now.state !== 'connected') context.exitCode = exitCodes.no;
}

async function test(context: CliContext, name: string): Promise<void> {
  const [id = ''] = await channelIdsOf(context, [name]);
  const { checks } = await answered(
    context.client.POST('/api/v1/channels/{id}/test', { params: { path: { id } }, body: {} }),
  );
  context.print({ checks }, () =>
    table(checks.map((one) => [one.ok ? '✓' : '✗', one.name, one.code, one.message])),
  );
  if (checks.some(({ ok }) => !ok)) context.exitCode = exitCodes.no;
}

async function run(
  context: CliContext,
  action: Deed,
  names: readonly string[],
  { all = false, now = false }: DeedOptions,
): Promise<void> {
  if (all === names.length > 0) throw new CliError(context.say('whichChannels'));
  const which = all ? { all } : { channelIds: await channelIdsOf(context, names) };
  const { items, failed } = await answered(
    context.client.POST('/api/v1/channels/bulk', {
      body: { action, ...which, ...(now ? { mode: 'now' } : {}) } as never,
    }),
  );
  context.print({ items, failed }, () =>
    table(items.map((one) => [one.ok ? '✓' : '✗', one.channelId, one.error?.message ?? ''])),
  );
  if (failed > 0) context.exitCode = exitCodes.no;
}
