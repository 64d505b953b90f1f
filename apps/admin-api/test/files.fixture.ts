import { Readable } from 'node:stream';

import { answerFileKey, ObjectStore, sentFileKey } from '@common/files';
import { newId } from '@common/kernel';

import type { RunningAdminApi } from './admin-api.fixture';
import type { Conversation } from './conversation.fixture';

const storeOf = (api: RunningAdminApi): ObjectStore =>
  api.use(ObjectStore as never as { prototype: ObjectStore });
const keep = (api: RunningAdminApi, key: string, words: string) =>
  storeOf(api).write(key, Readable.from([Buffer.from(words)]), 100);

/** What a person sent with a question: these words are its name, its text and its bytes, and those of a try that was lost. */
export async function sentFile(
  api: RunningAdminApi,
  { tenantId, channelId, memberId }: Conversation,
  turn: string,
  words: string,
): Promise<void> {
  const id = newId();
  const [lost, key] = [1, 2].map((attempt) => sentFileKey(tenantId, channelId, id, attempt));
  for (const one of [lost, key]) await keep(api, String(one), words);
  await api.sql(
    `INSERT INTO file (id, tenant_id, channel_id, member_id, turn_id, n, kind, name, state, attempt, object_key, text, settled_at)
      VALUES ($1, $2, $3, $4, $5, 1, 'file', $6, 'stored', 2, $7, $6, now())`,
    [id, tenantId, channelId, memberId, turn, words, key],
  );
}

/** What an agent gave with the answer, and what a try that was lost left in the store. */
export async function answerFile(
  api: RunningAdminApi,
  { tenantId }: Conversation,
  turn: string,
  words: string,
): Promise<void> {
  const [kept, lost] = [1, 2].map((n) => answerFileKey(tenantId, turn, 1, n));
  for (const key of [kept, lost]) await keep(api, String(key), words);
  await api.sql(
    `INSERT INTO answer_file (id, tenant_id, turn_id, attempt, n, kind, name, media_type, object_key, media_id)
      VALUES ($1, $2, $3, 1, 1, 'file', $4, 'text/plain', $5, $4)`,
    [newId(), tenantId, turn, words, kept],
  );
}
