import { Injectable } from '@nestjs/common';
import type { Job } from 'bullmq';

import { redactedText } from '@common/logging';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { ApiError, NotFoundError, UnavailableError } from '../http/api.errors';
import type { Page } from '../http/page';
import { readCursor, toPage } from '../http/page';
import { QueueDesk } from './queue-desk.service';
import { type FailedJob, jobPosition, type ListFailedDto, type QueueView } from './queues.dto';

/** Queues belong to the installation: a tenant's key sees counts, and of the failed jobs its own. */
@Injectable()
export class QueuesService {
  constructor(
    private readonly desk: QueueDesk,
    private readonly changes: ChangeLog,
  ) {}

  async list(): Promise<Page<QueueView>> {
    const items = await whileRedisIsThere(
      Promise.all(this.desk.names.map((name) => this.desk.look(name))),
    );
    return { items, nextCursor: null };
  }

  get(name: string): Promise<QueueView> {
    return whileRedisIsThere(this.desk.look(name));
  }

  async failed(
    caller: Caller,
    name: string,
    { limit, cursor }: ListFailedDto,
  ): Promise<Page<FailedJob>> {
    const after = readCursor(cursor, jobPosition)?.[0];
    const jobs = await this.visibleFailed(caller, name);
    const from = after === undefined ? 0 : jobs.findIndex((job) => job.id === after) + 1;
    const rest = jobs.slice(from, from + limit + 1);
    return toPage(rest, limit, { view, position: (job) => [job.id ?? ''] });
  }

  async pause(caller: Caller, name: string): Promise<QueueView> {
    await this.note(caller, name, 'queue.pause');
    await whileRedisIsThere(this.desk.pause(name));
    return this.get(name);
  }

  async resume(caller: Caller, name: string): Promise<QueueView> {
    await this.note(caller, name, 'queue.resume');
    await whileRedisIsThere(this.desk.resume(name));
    return this.get(name);
  }

  /** Safe to repeat: jobs carry ids, and who reads them finds done work done. */
  async retry(caller: Caller, name: string, jobId: string | undefined): Promise<QueueView> {
    const failed = await this.visibleFailed(caller, name);
    const wanted = jobId === undefined ? failed : failed.filter((job) => job.id === jobId);
    if (jobId !== undefined && wanted.length === 0) throw new NotFoundError('failed job');
    await this.note(caller, name, 'queue.retry', { jobs: wanted.map((job) => job.id) });
    await whileRedisIsThere(Promise.all(wanted.map((job) => driveAgain(job))));
    return this.get(name);
  }

  private async visibleFailed(caller: Caller, name: string): Promise<Job[]> {
    const jobs = await whileRedisIsThere(this.desk.failed(name));
    if (caller.isPlatform) return jobs;
    return jobs.filter((job) => (job.data as { tenantId?: unknown }).tenantId === caller.tenantId);
  }

  /** Before the deed: what is in the log may not have happened, what happened is in the log. */
  private async note(caller: Caller, name: string, action: string, after?: object): Promise<void> {
    if (!this.desk.names.includes(name)) throw new NotFoundError('queue');
    await this.changes.write(caller, { action, answersResult: false }, () =>
      Promise.resolve({ result: undefined, resourceId: name, after }),
    );
  }
}

async function driveAgain(job: Job): Promise<void> {
  // Somebody else was quicker: it is no failed job any more, which is all we want.
  if ((await job.getState()) === 'failed') await job.retry('failed');
}

async function whileRedisIsThere<T>(asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new UnavailableError('queues_unavailable', 'The queues cannot be reached.', error);
  }
}

const view = (job: Job): FailedJob => ({
  id: job.id ?? '',
  data: job.data as FailedJob['data'],
  attemptsMade: job.attemptsMade,
  failedReason: redactedText(job.failedReason ?? ''),
  failedAt: job.finishedOn === undefined ? null : new Date(job.finishedOn).toISOString(),
});
