import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import { newId } from '@common/kernel';
import type { Tx } from '@common/persistence';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { ConflictError, NotFoundError } from '../http/api.errors';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { checkReferences } from '../http/references';
import { violatesUnique } from '../http/violation';
import { iso, isoOrNull } from '../http/wire';
import { NoticeWaker } from '../notices/notice-waker.service';
import { NoticesService } from '../notices/notices.service';
import type {
  ListOverridesDto,
  ListPairingsDto,
  OverrideFields,
  OverrideView,
  PairingView,
} from './access.dto';
import { AccessRepository, type OverrideRow, type PairingRow } from './access.repository';

/** Who may talk with a channel for the first time, and which agent answers a group or a department there. */
@Injectable()
export class AccessService {
  constructor(
    private readonly rows: AccessRepository,
    private readonly changes: ChangeLog,
    private readonly notices: NoticesService,
    private readonly waker: NoticeWaker,
  ) {}

  async pairings(
    { tenantId }: Caller,
    channelId: string,
    { state, limit, cursor }: ListPairingsDto,
  ): Promise<Page<PairingView>> {
    await this.check(tenantId, channelId);
    const after = readCursor(cursor, byCreation);
    const slice = { state, after, limit: rowsWanted(limit) };
    const rows = await this.rows.pairings(tenantId, channelId, slice);
    return toPage(rows, limit, {
      view: viewOfPairing,
      position: (row) => [row.cursor_at, row.member_id],
    });
  }

  /** Decided again, it is the newer decision that holds. Who is let in is told so. */
  async decide(
    caller: Caller,
    channelId: string,
    memberId: string,
    state: 'approved' | 'denied',
  ): Promise<PairingView> {
    const { tenantId } = caller;
    let noticeId: string | null = null;
    const view = await this.changes.write(caller, { action: 'pairing.decide' }, async (tx) => {
      const before = await this.rows.pairing(tx, tenantId, channelId, memberId);
      if (!before) throw new NotFoundError('pairing request');
      await this.rows.decide(tx, tenantId, channelId, memberId, state);
      const row = await this.rows.pairing(tx, tenantId, channelId, memberId);
      const after = viewOfPairing(row ?? before);
      const isLetIn = state === 'approved' && before.pairing !== 'approved';
      noticeId = isLetIn ? await this.tell(tx, tenantId, channelId, memberId) : null;
      return { result: after, resourceId: memberId, before: viewOfPairing(before), after };
    });
    if (noticeId) await this.waker.wake(tenantId, noticeId, 0);
    return view;
  }

  private async tell(
    tx: Tx,
    tenantId: string,
    channelId: string,
    memberId: string,
  ): Promise<string | null> {
    const told = await this.rows.talk(tx, tenantId, channelId, memberId);
    if (!told) return null;
    const text = say('pairingApproved', told.locale, { bot: told.bot });
    return this.notices.tell(tx, tenantId, { channelId, memberId, title: told.bot, text });
  }

  async overrides(
    { tenantId }: Caller,
    channelId: string,
    { limit, cursor }: ListOverridesDto,
  ): Promise<Page<OverrideView>> {
    await this.check(tenantId, channelId);
    const after = readCursor(cursor, byCreation);
    const rows = await this.rows.overrides(tenantId, channelId, {
      ...{ after, limit: rowsWanted(limit) },
    });
    return toPage(rows, limit, {
      view: viewOfOverride,
      position: (row) => [row.cursor_at, row.id],
    });
  }

  async override(caller: Caller, channelId: string, fields: OverrideFields): Promise<OverrideView> {
    const { tenantId } = caller;
    try {
      return await this.changes.write(caller, { action: 'override.create' }, async (tx) => {
        if (!(await this.rows.hasChannel(tenantId, channelId, tx)))
          throw new NotFoundError('channel');
        await checkReferences(tx, tenantId, [
          { path: 'agentId', target: 'agent', id: fields.agentId },
          { path: 'modelId', target: 'model', id: fields.modelId },
        ]);
        const row = await this.rows.insert(tx, tenantId, channelId, newId(), fields);
        const after = viewOfOverride(row);
        return { result: after, resourceId: row.id, after };
      });
    } catch (error) {
      if (violatesUnique(error, 'channel_override_channel_id_kind_value_key'))
        throw new ConflictError('override_taken', 'This group or department has one already.');
      throw error;
    }
  }

  async remove(caller: Caller, channelId: string, id: string): Promise<void> {
    const { tenantId } = caller;
    await this.changes.write(caller, { action: 'override.delete' }, async (tx) => {
      const row = await this.rows.remove(tx, tenantId, channelId, id);
      if (!row) throw new NotFoundError('override');
      return { result: undefined, resourceId: id, before: viewOfOverride(row) };
    });
  }

  private async check(tenantId: string, channelId: string): Promise<void> {
    if (!(await this.rows.hasChannel(tenantId, channelId))) throw new NotFoundError('channel');
  }
}

const viewOfPairing = (row: PairingRow): PairingView => ({
  memberId: row.member_id,
  memberName: row.member_name,
  state: row.pairing,
  askedAt: isoOrNull(row.pairing_asked_at),
  decidedAt: isoOrNull(row.pairing_decided_at),
});

const viewOfOverride = (row: OverrideRow): OverrideView => ({
  id: row.id,
  kind: row.kind,
  value: row.value,
  agentId: row.agent_id,
  modelId: row.model_id,
  createdAt: iso(row.created_at),
});
