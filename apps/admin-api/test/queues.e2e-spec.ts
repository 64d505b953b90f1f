import { type GenerationJob, generationQueue } from '@common/contracts';
import { AppError, newId } from '@common/kernel';
import { JobConsumer, QueueFactory } from '@common/queue';

import { QueueDesk } from '../src/queues/queue-desk.service';
import { RunningAdminApi } from './admin-api.fixture';

class BrokenError extends AppError {
  readonly code = 'broken';
  readonly retry = 'never';
}

class FailingConsumer extends JobConsumer<GenerationJob> {
  readonly queue = generationQueue;
  readonly concurrency = 4;
  protected handle(): Promise<void> {
    return Promise.reject(new BrokenError('it broke with token=planted-token'));
  }
}

describe('queues', () => {
  let api: RunningAdminApi;
  const own = newId();
  const foreign = newId();

  beforeAll(async () => {
    api = await RunningAdminApi.start();
    await api.queuesReachable();
    const tenantId = '00000000-0000-4000-8000-000000000001';
    await fail([
      { turnId: own, tenantId },
      { turnId: foreign, tenantId: newId() },
    ]);
  });
  afterAll(() => api.stop());

  /** Lets these jobs fail for good. */
  async function fail(jobs: readonly { turnId: string; tenantId: string }[]): Promise<void> {
    const worker = api.use(QueueFactory).consuming(new FailingConsumer());
    const failed = new Promise<void>((resolve) => {
      let count = 0;
      worker.on('failed', () => (++count === jobs.length ? resolve() : undefined));
    });
    const running = worker.run();
    for (const job of jobs)
      await api
        .use(QueueDesk)
        .generation.enqueue({ version: 1, correlationId: 'c', wake: 0, ...job });
    await failed;
    await worker.close();
    await running;
    await worker.disconnect();
  }

  it('counts what waits and what failed, by queue', async () => {
    const { items } = (await api.get('/queues')).body;

    expect(items.map((queue: { name: string }) => queue.name)).toEqual([
      'inbound',
      'files',
      'generation',
      'delivery',
      'outbound',
    ]);
    expect(items[2]).toMatchObject({ paused: false, counts: { failed: 2, waiting: 0 } });
    expect((await api.get('/queues/nothing')).status).toBe(404);
    expect((await api.get('/queues/nothing/failed')).status).toBe(404);
    expect((await api.post('/queues/nothing/pause')).status).toBe(404);
  });

  it('shows failed jobs page by page, without secrets', async () => {
    const first = await api.get('/queues/generation/failed?limit=1');
    const second = await api.get(`/queues/generation/failed?cursor=${first.body.nextCursor}`);

    const turns = [...first.body.items, ...second.body.items].map((job) => job.data.turnId);
    expect(new Set(turns)).toEqual(new Set([own, foreign]));
    expect(second.body.nextCursor).toBeNull();
    expect(first.body.items[0].failedReason).toContain('it broke');
    expect(first.text + second.text).not.toContain('planted-token');
  });

  it('shows a tenant’s key its own failed jobs alone', async () => {
    const { key } = await api.created('/api-keys', { name: 'k', role: 'operator' });

    const { items } = (await api.get('/queues/generation/failed', { key })).body;

    expect(items.map((job: { data: { turnId: string } }) => job.data.turnId)).toEqual([own]);
  });

  it('pauses and resumes a queue, and notes who did', async () => {
    expect((await api.post('/queues/delivery/pause')).body).toMatchObject({ paused: true });
    expect((await api.get('/queues/delivery')).body.paused).toBe(true);
    expect((await api.post('/queues/delivery/resume')).body).toMatchObject({ paused: false });
    const noted = await api.sql(
      `SELECT action FROM audit_log WHERE resource = 'queue' AND resource_id = 'delivery' ORDER BY id`,
    );
    expect(noted).toEqual([{ action: 'queue.pause' }, { action: 'queue.resume' }]);
  });

  it('drives failed jobs again: one, or all that the key may see', async () => {
    const { key } = await api.created('/api-keys', { name: 'k', role: 'operator' });

    const ours = await api.post('/queues/generation/retry', undefined, { key });
    expect(ours.body.counts).toMatchObject({ failed: 1, waiting: 1 });
    const [job] = (await api.get('/queues/generation/failed')).body.items;
    const hidden = await api.post('/queues/generation/retry', { jobId: job.id }, { key });
    expect(hidden.status).toBe(404);
    const all = await api.post('/queues/generation/retry', { jobId: job.id });
    expect(all.body.counts).toMatchObject({ failed: 0, waiting: 2 });
  });
});

describe('without Redis', () => {
  it('configures channels all the same, and says that queues cannot be reached', async () => {
    const api = await RunningAdminApi.start({ REDIS_URL: 'redis://127.0.0.1:9' });
    try {
      const channel = await api.channel();
      expect((await api.post(`/channels/${channel.id}/disable`)).status).toBe(200);
      const queues = await api.get('/queues');
      expect([queues.status, queues.body.code]).toEqual([503, 'queues_unavailable']);
    } finally {
      await api.stop();
    }
  });
});
