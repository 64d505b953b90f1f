import { Injectable } from '@nestjs/common';

import { Announcer } from '@common/contracts';
import { newId, SecretBox } from '@common/kernel';
import { OutboundGuard } from '@common/outbound';
import type { Tx } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { ConflictError, InvalidInputError, NotFoundError } from '../http/api.errors';
import { checkRevision } from '../http/etag.interceptor';
import { refuseKeptSecrets } from '../http/kept-secrets';
import { mergePatch } from '../http/merge-patch';
import { checkReferences } from '../http/references';
import { violatesUnique } from '../http/violation';
import { type ChannelView, fieldsOfChannel, viewOfChannel } from './channel-view';
import {
  type Callback,
  type ChannelFields,
  type MergedChannel,
  mergedChannel,
} from './channels.dto';
import {
  type ChannelRow,
  ChannelsRepository,
  type SealedCallback,
  type StoredChannel,
} from './channels.repository';
import { canaryOf } from './canary-of';
import { judgeEndpoint } from './judge-endpoint';

export type { ChannelView };
type Patch = Record<string, unknown>;

/** Bots. Whoever changes one tells the gateways, after the change is committed. */
@Injectable()
export class ChannelsService {
  constructor(
    private readonly channels: ChannelsRepository,
    private readonly changes: ChangeLog,
    private readonly box: SecretBox,
    private readonly announcer: Announcer,
    private readonly guard: OutboundGuard,
  ) {}

  async get({ tenantId }: Caller, id: string): Promise<ChannelView> {
    return viewOfChannel(present(await this.channels.find(tenantId, id)));
  }

  async create(caller: Caller, fields: ChannelFields): Promise<ChannelView> {
    const stored = this.stored(caller, fields);
    const result = await refusingTakenClientId(
      this.changes.write(caller, { action: 'channel.create' }, async (tx) => {
        await checkTargets(tx, caller.tenantId, stored);
        const canary = await canaryOf(tx, caller, fields);
        const row = await this.channels.insert(tx, caller.tenantId, newId(), { ...stored, canary });
        const after = viewOfChannel(row);
        return { result: after, resourceId: row.id, after, secretsWritten: secretsIn(fields) };
      }),
    );
    await this.announcer.announce('channel.changed', { channelId: result.id });
    return result;
  }

  async update(
    caller: Caller,
    id: string,
    patch: Patch,
    ifMatch: string | undefined,
  ): Promise<ChannelView> {
    const { tenantId } = caller;
    const result = await refusingTakenClientId(
      this.changes.write(caller, { action: 'channel.update' }, async (tx) => {
        const row = present(await this.channels.lock(tx, tenantId, id));
        checkRevision(row.revision, ifMatch);
        const there = patch.callback ? await this.openCallback(tx, tenantId, id) : undefined;
        const merged = this.merged(row, there, patch);
        const stored = this.stored(caller, merged, { row, patch, there });
        if (isMoved(row, stored)) refuseKeptSecrets(caller, secretsOf(row), patch);
        await checkTargets(tx, tenantId, stored);
        const canary = await canaryOf(tx, caller, merged, { row, patch });
        const updated = await this.channels.update(tx, tenantId, id, { ...stored, canary });
        const after = viewOfChannel(updated);
        await this.channels.forgetTrouble(tx, tenantId, id);
        const before = viewOfChannel(row);
        return { result: after, resourceId: id, before, after, secretsWritten: secretsIn(patch) };
      }),
    );
    await this.announcer.announce('channel.changed', { channelId: id });
    return result;
  }

  async delete(caller: Caller, id: string, ifMatch: string | undefined): Promise<void> {
    await this.changes.write(caller, { action: 'channel.delete' }, async (tx) => {
      const row = present(await this.channels.lock(tx, caller.tenantId, id));
      checkRevision(row.revision, ifMatch);
      await this.channels.delete(tx, caller.tenantId, id);
      return { result: undefined, resourceId: id, before: viewOfChannel(row) };
    });
    await this.announcer.announce('channel.changed', { channelId: id });
  }

  /** The stored callback is opened only to merge half of it with the other half. */
  private merged(row: ChannelRow, stored: Callback | undefined, patch: Patch): MergedChannel {
    if (patch.clientSecret === null)
      throw new InvalidInputError([{ path: 'clientSecret', message: 'cannot be removed' }]);
    return mergedChannel.parse(mergePatch({ ...fieldsOfChannel(row), callback: stored }, patch));
  }

  private async openCallback(tx: Tx, tenantId: string, id: string): Promise<Callback | undefined> {
    const sealed = (await this.channels.sealedSecrets(tenantId, id, tx))?.callback;
    return sealed ? (JSON.parse(this.box.openText(sealed)) as Callback) : undefined;
  }

  private stored(
    { isPlatform }: Caller,
    fields: MergedChannel,
    {
      row,
      patch = {},
      there,
    }: { row?: ChannelRow; patch?: Patch; there?: Callback | undefined } = {},
  ): Omit<StoredChannel, 'canary'> {
    const { clientSecret, callback, ...rest } = fields;
    const keepOrRemove = patch.callback === null ? null : undefined;
    return {
      ...rest,
      ...judgeEndpoint(fields, { guard: this.guard, isPlatform, ...(row && { row }) }),
      clientSecret: clientSecret === undefined ? undefined : this.box.seal(clientSecret),
      callback: callback ? this.sealedCallback(callback, patch, there) : keepOrRemove,
    };
  }

  /** When the pair changes, callbacks under way are still signed with the one that was there (E103). */
  private sealedCallback(
    { token, aesKey, apiSecret }: Callback,
    patch: Patch,
    there: Callback | undefined,
  ): SealedCallback {
    const isChanged = there !== undefined && (there.token !== token || there.aesKey !== aesKey);
    const isPreviousDropped = (patch.callback as Patch | undefined)?.previous === null;
    return {
      sealed: this.box.seal(JSON.stringify({ token, aesKey, apiSecret })),
      hasApiSecret: apiSecret !== undefined,
      previous: isPreviousDropped ? 'none' : isChanged ? 'the one that is there' : 'keep',
    };
  }
}

function present(row: ChannelRow | undefined): ChannelRow {
  if (!row) throw new NotFoundError('channel');
  return row;
}

/** Back to the installation's own platform is no move. */
const isMoved = (row: ChannelRow, { endpoint }: Pick<StoredChannel, 'endpoint'>): boolean =>
  (['apiUrl', 'oapiUrl'] as const).some(
    (host) => endpoint?.[host] !== undefined && endpoint[host] !== row.endpoint?.[host],
  );

/** One that is being tried would go there as well; it can only be dropped. */
const secretsOf = (row: ChannelRow) => ({
  clientSecret: true,
  pendingSecret: row.pending_since !== null,
});

const checkTargets = (
  tx: Tx,
  tenantId: string,
  channel: Omit<StoredChannel, 'canary'>,
): Promise<void> =>
  checkReferences(tx, tenantId, [
    { path: 'defaultAgentId', target: 'agent', id: channel.defaultAgentId },
    { path: 'defaultModelId', target: 'model', id: channel.defaultModelId },
    { path: 'organizationId', target: 'organization', id: channel.organizationId },
  ]);

const secretsIn = (fields: Patch): string[] =>
  ['clientSecret', 'callback'].filter((field) => fields[field] !== undefined);

/** Whose it is stays unsaid: it may be another tenant's. */
async function refusingTakenClientId<T>(write: Promise<T>): Promise<T> {
  try {
    return await write;
  } catch (error) {
    if (!violatesUnique(error, 'channel_client_id')) throw error;
    throw new ConflictError(
      'client_id_taken',
      'This clientId belongs to a channel already; two would steal each other’s messages.',
    );
  }
}
