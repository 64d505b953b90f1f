import { NotFoundError } from '../http/api.errors';
import { iso, isoOrNull } from '../http/wire';
import type { NoticeView } from './notices.dto';
import type { NoticeRow } from './notices.repository';

/** @throws NotFoundError */
export function present(row: NoticeRow | undefined): NoticeRow {
  if (!row) throw new NotFoundError('notice');
  return row;
}

export const viewOfNotice = (row: NoticeRow): NoticeView => ({
  id: row.id,
  channelId: row.channel_id,
  kind: row.kind,
  title: row.content.title,
  text: row.content.text,
  buttons: [...row.content.buttons],
  isAiGenerated: row.content.isAiGenerated,
  state: row.state,
  sendAt: iso(row.send_at),
  idempotencyKey: row.idempotency_key,
  recipients: row.recipients,
  clicks: row.clicks,
  cancelRequestedAt: isoOrNull(row.cancel_requested_at),
  recallRequestedAt: isoOrNull(row.recall_requested_at),
  createdAt: iso(row.created_at),
  startedAt: isoOrNull(row.started_at),
  endedAt: isoOrNull(row.ended_at),
});
