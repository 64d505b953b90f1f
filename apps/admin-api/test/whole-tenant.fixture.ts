import { newId } from '@common/kernel';

import type { RunningAdminApi } from './admin-api.fixture';
import { aConversation, aTurn } from './conversation.fixture';

/** A tenant with one of everything, and the ids that stand in paths: first the collection, then the parameter. */
export interface WholeTenant {
  readonly tenantId: string;
  /** `channels.id`, `channels.memberId` …: what `{id}`, `{memberId}` of a path that begins so may be. */
  readonly ids: Readonly<Record<string, string>>;
}

export async function aWholeTenant(api: RunningAdminApi, slug: string): Promise<WholeTenant> {
  const { id: tenantId } = await api.created('/tenants', { name: slug, slug });
  const options = { tenant: tenantId as string };
  const make = async (path: string, body: unknown): Promise<string> =>
    (await api.created(path, body, options)).id;
  const chat = await aConversation(api, options);
  const turn = await aTurn(api, chat, {
    state: 'failed',
    outcome: 'failed',
    delivery: 'delivered',
  });
  const [delivery] = await api.sql<{ id: string }>('SELECT id FROM delivery WHERE turn_id = $1', [
    turn,
  ]);
  await askForPairing(api, chat);
  const said = [newId(), tenantId, chat.channelId, turn, chat.memberId];
  await api.sql(
    `INSERT INTO feedback (id, tenant_id, channel_id, turn_id, member_id, kind) VALUES ($1, $2, $3, $4, $5, 'up')`,
    said,
  );
  const ids = {
    'administrators.id': await make('/administrators', {
      ...{ email: `${slug}@example.com`, name: 'Spare', role: 'viewer' },
    }),
    'organizations.id': await make('/organizations', { corpId: `corp-${slug}`, name: 'Org' }),
    'models.id': await make('/models', { name: 'M', provider: 'demo' }),
    'agents.id': await make('/agents', { name: 'Spare', kind: 'demo' }),
    'agents.version': '1',
    'tool-servers.id': await make('/tool-servers', {
      ...{ name: 'tools', transport: 'http', url: 'https://tools.example.com/mcp' },
    }),
    'budgets.id': await make('/budgets', {
      ...{ scope: 'tenant', period: 'day', unit: 'turns', hard: 1_000 },
    }),
    'content-rules.id': await make('/content-rules', {
      ...{ name: 'Rule', direction: 'in', action: 'mask', words: ['w'] },
    }),
    'api-keys.id': await make('/api-keys', { name: 'Spare', role: 'viewer' }),
    'channels.id': chat.channelId,
    'channels.memberId': chat.memberId,
    'channels.overrideId': await make(`/channels/${chat.channelId}/overrides`, {
      ...{
        kind: 'group',
        value: 'cid1',
        modelId: await make('/models', { name: 'N', provider: 'demo' }),
      },
    }),
    'sessions.id': chat.sessionId,
    'members.id': chat.memberId,
    'turns.id': turn,
    'deliveries.id': String(delivery?.id),
    'notices.id': await make('/notices', {
      ...{ channelId: chat.channelId, text: 'Soup', to: { staffIds: ['0101'] } },
    }),
    'queues.name': 'generation',
    'tenants.id': tenantId as string,
  };
  return { tenantId, ids };
}

async function askForPairing(
  api: RunningAdminApi,
  { tenantId, memberId, channelId }: { tenantId: string; memberId: string; channelId: string },
): Promise<void> {
  await api.sql(
    `INSERT INTO member_channel (tenant_id, member_id, channel_id, pairing, pairing_asked_at)
      VALUES ($1, $2, $3, 'pending', now())`,
    [tenantId, memberId, channelId],
  );
}
