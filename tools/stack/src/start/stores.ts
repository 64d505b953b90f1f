import { join } from 'node:path';
import { startPostgres } from '../postgres';
import { startRedis } from '../redis';
import { KeptStore } from './kept-store';
import { type LogBook } from './log-book';
import { type StackPlan } from './stack-plan';
import { type Texts } from './texts';

export interface StackStores {
  readonly env: { readonly DATABASE_URL: string; readonly REDIS_URL: string };
  stop(): Promise<void>;
}

interface StoreContext {
  readonly dataDir: string;
  readonly cacheDir: string;
  readonly logs: LogBook;
  readonly say: (line: string) => void;
  readonly texts: Texts;
}

/** The stores that the environment does not name. What was started is stopped again when the rest fails. */
export async function startStores(plan: StackPlan, context: StoreContext): Promise<StackStores> {
  const started: { stop(): Promise<void> }[] = [];
  const stop = async () => {
    await Promise.all(started.map((store) => store.stop()));
  };
  try {
    const postgres = plan.databaseUrl ? undefined : await keptPostgres(context);
    if (postgres) started.push(postgres);
    const redis = plan.redisUrl ? undefined : await keptRedis(context);
    if (redis) started.push(redis);
    const env = {
      DATABASE_URL: plan.databaseUrl ?? postgres?.store.url ?? '',
      REDIS_URL: plan.redisUrl ?? redis?.store.url ?? '',
    };
    return { env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function keptPostgres({ dataDir, logs, say, texts }: StoreContext) {
  say(texts.preparing('PostgreSQL'));
  const home = join(dataDir, 'postgres');
  const log = (line: string) => logs.note('postgres', line);
  const kept = await KeptStore.start(
    (port) => startPostgres({ dataDir: home, port, log }),
    (error) => say(error ? String(error) : texts.storeDied('PostgreSQL')),
  );
  say(texts.storeUp(kept.store.origin));
  if (kept.store.place !== home) say(texts.dataElsewhere(kept.store.place));
  return kept;
}

async function keptRedis({ dataDir, cacheDir, logs, say, texts }: StoreContext) {
  say(texts.preparing('Redis'));
  const options = { dataDir: join(dataDir, 'redis'), cacheDir };
  const log = (line: string) => logs.note('redis', line);
  const kept = await KeptStore.start(
    (port) => startRedis({ ...options, port, log }),
    (error) => say(error ? String(error) : texts.storeDied('Redis')),
  );
  say(texts.storeUp(`Redis (${kept.store.kind})`));
  if (kept.store.kind === 'js-redis-server (volatile)') say(texts.volatile);
  return kept;
}
