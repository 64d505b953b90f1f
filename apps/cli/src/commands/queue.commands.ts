import type { Command } from 'commander';

import { answered } from '@carillon/client';

import type { CliContext } from '../cli-context';
import { table } from '../table';

/** What waits between the services. */
export function addQueueCommands(program: Command, context: CliContext): void {
  const queues = program.command('queues').description('what waits between the services');

  queues
    .command('list', { isDefault: true })
    .description('every queue with its counts')
    .action(() => list(context));

  queues
    .command('failed <queue>')
    .description('jobs that failed, newest first')
    .action(async (name: string) => {
      const path = { params: { path: { name } } };
      const { items } = await answered(context.client.GET('/api/v1/queues/{name}/failed', path));
      context.print({ items }, () =>
        items.length === 0
          ? context.say('nothing')
          : table(items.map((job) => [job.failedAt, job.id, job.failedReason])),
      );
    });

  const deeds = { pause: 'let nobody take jobs', resume: 'let jobs be taken again' } as const;
  for (const [deed, description] of Object.entries(deeds) as ['pause' | 'resume', string][])
    queues
      .command(`${deed} <queue>`)
      .description(`${description} (key of the platform)`)
      .action(async (name: string) => {
        const path = { params: { path: { name } } };
        const queue = await answered(context.client.POST(`/api/v1/queues/{name}/${deed}`, path));
        context.print(queue, () => context.say('done'));
      });

  queues
    .command('retry <queue> [job]')
    .description('drive failed jobs again: one, or all')
    .action(async (name: string, jobId: string | undefined) => {
      const queue = await answered(
        context.client.POST('/api/v1/queues/{name}/retry', {
          params: { path: { name } },
          body: jobId === undefined ? {} : { jobId },
        }),
      );
      context.print(queue, () => context.say('done'));
    });
}

async function list(context: CliContext): Promise<void> {
  const { items } = await answered(context.client.GET('/api/v1/queues'));
  context.print({ items }, () =>
    table([
      ['QUEUE', 'PAUSED', 'WAITING', 'ACTIVE', 'DELAYED', 'FAILED'],
      ...items.map(({ name, paused, counts }) => [
        ...[name, paused ? 'yes' : 'no'],
        ...[counts.waiting, counts.active, counts.delayed, counts.failed],
      ]),
    ]),
  );
}
