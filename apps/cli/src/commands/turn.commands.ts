import type { Command } from 'commander';

import { answered, type components, listen } from '@carillon/client';

import type { CliContext } from '../cli-context';
import { table } from '../table';
import { channelIdsOf } from './find-channel';

type Turn = components['schemas']['Turn'];
interface ListOptions {
  readonly channel?: string;
  readonly state?: string;
  readonly limit?: string;
}
interface TailOptions {
  readonly channel?: string;
  readonly for?: string;
}
interface TurnNews {
  readonly turnId: string;
  readonly channelId: string;
  readonly state: string;
  readonly errorCode: string | null;
}

/** Questions and what became of them. */
export function addTurnCommands(program: Command, context: CliContext): void {
  const turns = program.command('turns').description('questions and what became of them');

  turns
    .command('list')
    .description('newest first')
    .option('--channel <channel>', 'id, client id or name')
    .option('--state <state>', 'queued, active, waiting, generated, delivered, failed, cancelled')
    .option('--limit <n>', 'at most so many', '20')
    .action((options: ListOptions) => list(context, options));

  turns
    .command('show <id>')
    .description('one turn and its checkpoints')
    .action((id: string) => show(context, id));

  turns
    .command('tail')
    .description('turns as they go on, until Ctrl-C')
    .option('--channel <channel>', 'id, client id or name')
    .option('--for <seconds>', 'end by itself after so long')
    .action((options: TailOptions) => tail(context, options));

  for (const deed of ['retry', 'cancel'] as const)
    turns
      .command(`${deed} <id>`)
      .description(deed === 'retry' ? 'drive an ended turn again' : 'stop a turn')
      .action(async (id: string) => {
        const path = { params: { path: { id } } };
        const turn = await answered(context.client.POST(`/api/v1/turns/{id}/${deed}`, path));
        context.print(turn, () => table([rowOf(turn)]));
      });
}

async function list(context: CliContext, options: ListOptions): Promise<void> {
  const { channel, state, limit } = options;
  const [channelId] = channel === undefined ? [] : await channelIdsOf(context, [channel]);
  const query = {
    ...(limit === undefined ? {} : { limit: Number(limit) }),
    ...(channelId === undefined ? {} : { channelId }),
    ...(state === undefined ? {} : { state: state as never }),
  };
  const { items } = await answered(context.client.GET('/api/v1/turns', { params: { query } }));
  context.print({ items }, () =>
    items.length === 0
      ? context.say('nothing')
      : table([['CREATED', 'STATE', 'OUTCOME', 'ERROR', 'ID'], ...items.map(rowOf)]),
  );
}

async function show(context: CliContext, id: string): Promise<void> {
  const path = { params: { path: { id } } };
  const turn = await answered(context.client.GET('/api/v1/turns/{id}', path));
  const timeline = await answered(context.client.GET('/api/v1/turns/{id}/timeline', path));
  context.print({ ...turn, timeline: timeline.items }, () =>
    [
      table([rowOf(turn)]),
      ...(turn.error === null ? [] : [`${turn.error.code}: ${turn.error.message}`]),
      table(
        timeline.items.map(({ at, step, detail }) => [
          at,
          step,
          detail === null ? '' : JSON.stringify(detail),
        ]),
      ),
    ].join('\n'),
  );
}

async function tail(context: CliContext, { channel, for: seconds }: TailOptions): Promise<void> {
  const channelIds = channel === undefined ? undefined : await channelIdsOf(context, [channel]);
  const enough = new AbortController();
  const timer =
    seconds === undefined ? undefined : setTimeout(() => enough.abort(), Number(seconds) * 1_000);
  const events = listen({
    ...context.profile,
    types: ['turn'],
    ...(channelIds ? { channelIds } : {}),
    signal: enough.signal,
  });
  for await (const { type, data } of events) {
    // `ready` says that whatever happens from now on is heard; machines wait for it.
    if (type !== 'turn') context.isJson && context.line({ event: type }, () => '');
    else {
      const { turnId, state, channelId, errorCode } = data as TurnNews;
      context.line(data, () =>
        table([[new Date().toISOString(), state, errorCode, turnId, channelId]]),
      );
    }
  }
  clearTimeout(timer);
}

const rowOf = ({ createdAt, state, outcome, error, id }: Turn) => [
  ...[createdAt, state, outcome, error?.code ?? null, id],
];
