import { Injectable } from '@nestjs/common';

import type { Sender } from '@common/domain';
import { derivedId } from '@common/kernel';
import type { Tx } from '@common/persistence';

import { identityOf } from './sender-identity';

/** Who is asking: the member a platform identity means, made on first contact. */
@Injectable()
export class MemberResolver {
  async resolve(tx: Tx, tenantId: string, channelId: string, sender: Sender): Promise<string> {
    const { kind, realm, value } = identityOf(sender, channelId);
    const [known] = await tx.query<{ member_id: string }>({ name: 'member.known', text: KNOWN }, [
      tenantId,
      kind,
      realm,
      value,
    ]);
    if (known) return known.member_id;
    // Derived, so that two dispatchers that meet a new person at the same time make one member.
    const memberId = derivedId('member', tenantId, kind, realm, value);
    await tx.query(
      `INSERT INTO member (id, tenant_id, name) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING`,
      [memberId, tenantId, sender.name ?? ''],
    );
    await tx.query(
      `INSERT INTO identity (tenant_id, kind, realm, value, member_id) VALUES ($1, $2, $3, $4, $5)
       ON CONFLICT DO NOTHING`,
      [tenantId, kind, realm, value, memberId],
    );
    return memberId;
  }
}

const KNOWN = `SELECT member_id FROM identity WHERE tenant_id = $1 AND kind = $2 AND realm = $3 AND value = $4`;
