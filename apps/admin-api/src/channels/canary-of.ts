import type { Tx } from '@common/persistence';

import { mayAnswer } from '../agents/may-answer';
import type { Caller } from '../auth/caller.decorator';
import { InvalidInputError } from '../http/api.errors';
import type { MergedChannel } from './channels.dto';
import type { ChannelRow, StoredChannel } from './channels.repository';

interface VersionRow {
  id: string;
  trusted_address: boolean;
  is_address_of_current: boolean;
}

/**
 * The version that answers a share of the sessions. It is one of the default agent; where that changes and the patch says
 * nothing of a canary, there is none any more.
 * @throws InvalidInputError when the agent has no such version
 * @throws ForbiddenError when only the platform may let it answer
 */
export async function canaryOf(
  tx: Tx,
  caller: Caller,
  { canary, defaultAgentId }: Pick<MergedChannel, 'canary' | 'defaultAgentId'>,
  before?: { readonly row: ChannelRow; readonly patch: Record<string, unknown> },
): Promise<StoredChannel['canary']> {
  if (!canary) return null;
  const isOtherAgent = before && before.row.default_agent_id !== (defaultAgentId ?? null);
  if (isOtherAgent && before.patch.canary === undefined) return null;
  const [version] = await tx.query<VersionRow>(VERSION, [
    caller.tenantId,
    defaultAgentId ?? null,
    canary.version,
  ]);
  if (!version)
    throw new InvalidInputError([
      { path: 'canary.version', message: 'the default agent has no such version' },
    ]);
  const isThereAlready = before?.row.canary_version === canary.version && !isOtherAgent;
  if (!isThereAlready) mayAnswer(caller, version);
  return { versionId: version.id, percent: canary.percent };
}

const VERSION = `SELECT v.id, v.trusted_address, v.endpoint_url IS NOT DISTINCT FROM c.endpoint_url AS is_address_of_current
  FROM agent a JOIN agent_version v ON v.tenant_id = a.tenant_id AND v.agent_id = a.id
    JOIN agent_version c ON c.tenant_id = a.tenant_id AND c.id = a.current_version_id
  WHERE a.tenant_id = $1 AND a.id = $2 AND v.version = $3`;
