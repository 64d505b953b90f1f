import { Injectable } from '@nestjs/common';

import { isImmediate, type MemberMapping, type Sender } from '@common/domain';
import { derivedId } from '@common/kernel';
import type { Tx } from '@common/persistence';

import { NotIntroducedError } from './mapping.errors';
import { identityKey, identityOf } from './sender-identity';

/** Who is asking: the member a platform identity means. Made on first contact where the channel goes by staff ids. */
@Injectable()
export class MemberResolver {
  /** @throws NotIntroducedError when the identity was to be looked up before, and was not */
  async resolve(
    tx: Tx,
    tenantId: string,
    channel: { readonly id: string; readonly mapping: MemberMapping },
    sender: Sender,
  ): Promise<string> {
    if (!isImmediate(channel.mapping)) return this.introduced(tx, tenantId, channel, sender);
    const { kind, realm, value } = identityOf(sender, channel.id, channel.mapping);
    const [known] = await tx.query<{ member_id: string }>({ name: 'member.known', text: KNOWN }, [
      ...[tenantId, kind, realm, value],
    ]);
    return known?.member_id ?? this.makeOf(tx, tenantId, { kind, realm, value }, sender.name);
  }

  /** Derived, so that two dispatchers that meet a new person at the same time make one member. */
  async makeOf(
    tx: Tx,
    tenantId: string,
    {
      kind,
      realm,
      value,
    }: { readonly kind: string; readonly realm: string; readonly value: string },
    name: string | null,
  ): Promise<string> {
    const memberId = derivedId('member', tenantId, kind, realm, value);
    await tx.query(
      `INSERT INTO member (id, tenant_id, name) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
      [memberId, tenantId, name ?? ''],
    );
    await tx.query(
      `INSERT INTO identity (tenant_id, kind, realm, value, member_id) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING`,
      [tenantId, kind, realm, value, memberId],
    );
    return memberId;
  }

  private async introduced(
    tx: Tx,
    tenantId: string,
    channel: { readonly id: string; readonly mapping: MemberMapping },
    sender: Sender,
  ): Promise<string> {
    const [row] = await tx.query<{ member_id: string }>(
      { name: 'member.introduced', text: INTRODUCED },
      [tenantId, channel.id, identityKey(sender, channel.id), channel.mapping.mode],
    );
    if (!row) throw new NotIntroducedError();
    return row.member_id;
  }
}

const KNOWN = `SELECT member_id FROM identity WHERE tenant_id = $1 AND kind = $2 AND realm = $3 AND value = $4`;

const INTRODUCED = `
SELECT member_id FROM member_mapping
 WHERE tenant_id = $1 AND channel_id = $2 AND identity = $3 AND mode = $4 AND member_id IS NOT NULL`;
