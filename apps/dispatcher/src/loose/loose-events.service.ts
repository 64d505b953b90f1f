import { Injectable } from '@nestjs/common';

import { codeOf } from '@common/kernel';
import { Logger } from '@common/logging';
import { Database, isPassingFailure } from '@common/persistence';

import { CardClicks } from '../actions/card-clicks.service';
import { PlatformEvents } from '../events/platform-events.service';
import type { Aftermath } from '../inbound/follow-up.service';
import { LooseEventRepository } from './loose-event.repository';

const FAILURES_UNTIL_QUARANTINE = 5;

/**
 * Clicks and platform events: each in one transaction with its effect, behind nobody's turns. A second run finds the
 * event processed; two at once find it locked.
 */
@Injectable()
export class LooseEvents {
  constructor(
    private readonly database: Database,
    private readonly rows: LooseEventRepository,
    private readonly clicks: CardClicks,
    private readonly platform: PlatformEvents,
    private readonly logger: Logger,
  ) {}

  /** @returns what is left to do after the commit */
  async settle(tenantId: string, eventId: string): Promise<Aftermath> {
    try {
      return await this.database.inTenant(tenantId, async (tx) => {
        const event = await this.rows.take(tx, tenantId, eventId);
        if (!event) return {};
        const end =
          event.kind === 'card_action'
            ? await this.clicks.apply(event, tx)
            : await this.platform.apply(event, tx);
        await this.rows.close(tx, tenantId, eventId, end);
        this.logger.debug('event settled', {
          eventId,
          channelId: event.channel.id,
          code: end.cause,
        });
        return end.aftermath ?? {};
      });
    } catch (error) {
      if (!isPassingFailure(error)) await this.blame(tenantId, eventId, error);
      throw error;
    }
  }

  private async blame(tenantId: string, eventId: string, error: unknown): Promise<void> {
    this.logger.error('event not processed', { eventId, code: codeOf(error), error });
    await this.database.inTenant(tenantId, (tx) =>
      this.rows.blame(tx, tenantId, eventId, codeOf(error), FAILURES_UNTIL_QUARANTINE),
    );
  }
}
