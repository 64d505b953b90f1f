import { Injectable } from '@nestjs/common';

import type { Caller } from '../auth/caller.decorator';
import { ConflictError, NotFoundError } from '../http/api.errors';
import { byCreation, type Page, readCursor, rowsWanted, toPage } from '../http/page';
import { iso, isoOrNull } from '../http/wire';
import { TurnRetry } from '../turns/turn-retry.service';
import type { DeliveryView, ListDeliveriesDto } from './deliveries.dto';
import { DeliveriesRepository, type DeliveryRow } from './deliveries.repository';

/** How texts became visible; `?state=undelivered` is the desk of those that did not. */
@Injectable()
export class DeliveriesService {
  constructor(
    private readonly deliveries: DeliveriesRepository,
    private readonly turns: TurnRetry,
  ) {}

  async list(
    { tenantId }: Caller,
    { limit, cursor, state, channelId, turnId }: ListDeliveriesDto,
  ): Promise<Page<DeliveryView>> {
    const after = readCursor(cursor, byCreation);
    const filter = { state, channelId, turnId, after, limit: rowsWanted(limit) };
    const rows = await this.deliveries.list(tenantId, filter);
    return toPage(rows, limit, { view, position: (row) => [row.cursor_at, row.id] });
  }

  async get({ tenantId }: Caller, id: string): Promise<DeliveryView> {
    return view(present(await this.deliveries.find(tenantId, id)));
  }

  /**
   * Shows the same text again, in a new delivery; the old one keeps its end. Asked twice while the new one is under way,
   * it is the same.
   */
  async retry(caller: Caller, id: string): Promise<DeliveryView> {
    const { tenantId } = caller;
    const delivery = present(await this.deliveries.find(tenantId, id));
    if (delivery.state !== 'undelivered')
      throw new ConflictError('delivery_not_retryable', 'The delivery is not undelivered.');
    if (delivery.turn_id === null)
      throw new ConflictError(
        'delivery_not_retryable',
        'A reply to a command is not sent later: the person can send the command again.',
      );
    // An answer is shown again; a sentence about a failure is not worth that: its question is asked again.
    const turn = await this.turns.retry(caller, delivery.turn_id, { answersResult: false });
    return view(present(await this.deliveries.latestOf(tenantId, turn.id)));
  }
}

function present(row: DeliveryRow | undefined): DeliveryRow {
  if (!row) throw new NotFoundError('delivery');
  return row;
}

const view = (row: DeliveryRow): DeliveryView => ({
  id: row.id,
  channelId: row.channel_id,
  turnId: row.turn_id,
  state: row.state,
  way: row.way,
  cardState: row.card_state,
  error:
    row.error_code === null ? null : { code: row.error_code, message: row.error_message ?? '' },
  pieces: row.pieces,
  attempt: row.attempt,
  createdAt: iso(row.created_at),
  endedAt: isoOrNull(row.ended_at),
});
