import { Injectable } from '@nestjs/common';

import { Announcer } from '@common/contracts';

import type { Caller } from '../auth/caller.decorator';
import { ChangeLog } from '../changes/change-log';
import { ConflictError, NotFoundError } from '../http/api.errors';
import { isoOrNull } from '../http/wire';
import { Eraser } from './eraser.service';
import type {
  ChannelPrivacy,
  ChannelPrivacyPatch,
  ErasureView,
  MemberPrivacy,
  MemberPrivacyPatch,
} from './privacy.dto';
import {
  type ChannelPrivacyRow,
  type MemberPrivacyRow,
  PrivacyRepository,
} from './privacy.repository';
import { WordsRepository } from './words.repository';

/** How long words are kept, whose must stay, and whose must go. */
@Injectable()
export class PrivacyService {
  constructor(
    private readonly rows: PrivacyRepository,
    private readonly words: WordsRepository,
    private readonly eraser: Eraser,
    private readonly changes: ChangeLog,
    private readonly announcer: Announcer,
  ) {}

  async channel({ tenantId }: Caller, id: string): Promise<ChannelPrivacy> {
    return viewOfChannel(present(await this.rows.channel(tenantId, id), 'channel'));
  }

  updateChannel(caller: Caller, id: string, patch: ChannelPrivacyPatch): Promise<ChannelPrivacy> {
    const { tenantId } = caller;
    return this.changes.write(caller, { action: 'channel.privacy' }, async (tx) => {
      const before = viewOfChannel(present(await this.rows.channel(tenantId, id, tx), 'channel'));
      const after = { ...before, ...given(patch) };
      await this.rows.setChannel(tx, tenantId, id, after);
      return { result: after, resourceId: id, before, after };
    });
  }

  async member({ tenantId }: Caller, id: string): Promise<MemberPrivacy> {
    return viewOfMember(present(await this.rows.member(tenantId, id), 'member'));
  }

  updateMember(caller: Caller, id: string, patch: MemberPrivacyPatch): Promise<MemberPrivacy> {
    const { tenantId } = caller;
    return this.changes.write(caller, { action: 'member.privacy' }, async (tx) => {
      const before = viewOfMember(present(await this.rows.member(tenantId, id, tx), 'member'));
      const after = { ...before, ...given(patch) };
      await this.rows.setMemberHold(tx, tenantId, id, after.legalHold);
      return { result: after, resourceId: id, before, after };
    });
  }

  /** @throws ConflictError when the person, or a channel they wrote in, is held */
  async erase(caller: Caller, memberId: string): Promise<ErasureView> {
    const { tenantId } = caller;
    await this.changes.write(
      caller,
      { action: 'member.erase', answersResult: false },
      async (tx) => {
        const row = present(await this.rows.member(tenantId, memberId, tx), 'member');
        if (row.legal_hold || (await this.rows.isHeldByChannel(tx, tenantId, memberId)))
          throw new ConflictError('legal_hold', 'A legal hold keeps this person’s data.');
        await this.rows.requestErasure(tx, tenantId, memberId);
        const redacted = await this.words.redactAudit(tx, tenantId, memberId);
        // All that stays of the person: that somebody asked for it, and which rows say less since.
        return { result: undefined, resourceId: memberId, after: { redacted } };
      },
    );
    return this.eraseNow(tenantId, memberId);
  }

  /** Again and again until nothing of the person is under way; each time it takes what is there. */
  async eraseNow(tenantId: string, memberId: string): Promise<ErasureView> {
    const open = await this.rows.stopTurns(tenantId, memberId);
    for (const turnId of open) await this.announcer.announce('turn.cancel', { turnId });
    const erased = await this.eraser.ofMember(tenantId, memberId);
    if (open.length > 0) return { memberId, state: 'pending', ...erased };
    await this.rows.inTenant(tenantId, (tx) => this.words.erasePerson(tx, tenantId, memberId));
    return { memberId, state: 'erased', ...erased };
  }
}

function present<T>(row: T | undefined, what: string): T {
  if (row === undefined) throw new NotFoundError(what);
  return row;
}

const given = <T extends object>(patch: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };

const viewOfChannel = (row: ChannelPrivacyRow): ChannelPrivacy => ({
  retentionDays: row.retention_days,
  legalHold: row.legal_hold,
});
const viewOfMember = (row: MemberPrivacyRow): MemberPrivacy => ({
  legalHold: row.legal_hold,
  eraseRequestedAt: isoOrNull(row.erase_requested_at),
  erasedAt: isoOrNull(row.erased_at),
});
