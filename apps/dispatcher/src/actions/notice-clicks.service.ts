import { Injectable } from '@nestjs/common';

import type { NoticeContent } from '@common/domain';
import { derivedId, isUuid } from '@common/kernel';
import type { Tx } from '@common/persistence';

import type { EventEnd, LooseClick } from '../loose/loose-event';
import { ClickedCardRepository } from './clicked-card.repository';

interface Row {
  id: string;
  notice_id: string;
  kind: 'person' | 'group';
  address: string;
  content: NoticeContent;
}

/**
 * Clicks on cards of notices: who clicked what is kept, and the card says so afterwards. A person's card is that person's
 * alone; in a group everybody may click.
 */
@Injectable()
export class NoticeClicks {
  constructor(private readonly cards: ClickedCardRepository) {}

  /** Null: it is no card of a notice. */
  async apply(event: LooseClick, tx: Tx): Promise<EventEnd | null> {
    const { id, tenantId, channel, content } = event;
    const recipientId = content.outTrackId.toLowerCase();
    const [card] = isUuid(recipientId)
      ? await tx.query<Row & Record<string, unknown>>(CARD, [tenantId, channel.id, recipientId])
      : [];
    if (!card) return null;
    const { userId, corpId } = content;
    if (userId === null || (card.kind === 'person' && userId !== card.address))
      return { cause: 'card_not_theirs' };
    const button = buttonOf(content.params, content.actionId, card.content);
    if (button === null) return { cause: 'card_action_unknown' };

    const realms = corpId === null ? [channel.id] : [corpId, channel.id];
    const person = await this.cards.person(tx, tenantId, realms, userId);
    await tx.query(CLICK, [
      derivedId('notice click', id),
      ...[tenantId, card.notice_id, card.id, button, userId, person?.memberId ?? null],
    ]);
    const [notice] = await tx.query<{ wake: number }>(WAKE, [tenantId, card.notice_id]);
    const notices = notice ? [{ id: card.notice_id, wake: notice.wake }] : [];
    return { cause: `notice_click_${button}`, aftermath: { notices } };
  }
}

/** The button's parameter, or the component's name. */
function buttonOf(
  params: Readonly<Record<string, unknown>>,
  actionId: string | null,
  { buttons }: NoticeContent,
): string | null {
  const named = [params['id'], actionId];
  return buttons.find(({ id }) => named.includes(id))?.id ?? null;
}

const CARD = `
SELECT r.id, r.notice_id, r.kind, r.address, n.content
  FROM notice_recipient r JOIN notice n ON n.tenant_id = r.tenant_id AND n.id = r.notice_id
 WHERE r.tenant_id = $1 AND n.channel_id = $2 AND r.id = $3 AND n.kind = 'card'`;

/** The same button again is the same click, at a later time: it says again what was chosen last. */
const CLICK = `
INSERT INTO notice_click (id, tenant_id, notice_id, recipient_id, button_id, staff_id, member_id)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (recipient_id, staff_id, button_id) DO UPDATE SET clicked_at = now(), shown = false`;

const WAKE = `
UPDATE notice SET todo = true, wake = wake + 1, wake_at = now() + interval '5 seconds'
 WHERE tenant_id = $1 AND id = $2 RETURNING wake`;
