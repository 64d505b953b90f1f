import { Injectable } from '@nestjs/common';

import { Logger } from '@common/logging';

import { Eraser } from './eraser.service';
import { PrivacyRepository } from './privacy.repository';
import { PrivacyService } from './privacy.service';

/** Finishes erasures that had to wait, and takes away what channels no longer keep. */
@Injectable()
export class Retention {
  constructor(
    private readonly rows: PrivacyRepository,
    private readonly privacy: PrivacyService,
    private readonly eraser: Eraser,
    private readonly logger: Logger,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    for (const { tenantId, memberId } of await this.rows.beingErased()) {
      if (signal.aborted) return;
      await this.orLater({ memberId }, () => this.privacy.eraseNow(tenantId, memberId));
    }
    for (const { tenantId, channelId } of await this.rows.forgetful()) {
      if (signal.aborted) return;
      await this.orLater({ channelId }, () => this.ofChannel(tenantId, channelId));
    }
    await this.rows.forgetAnswers();
  }

  private async ofChannel(tenantId: string, channelId: string): Promise<void> {
    const erased = await this.eraser.ofChannel(tenantId, channelId);
    if (erased.turns + erased.events + erased.files > 0)
      this.logger.info('words past their time erased', { channelId, ...erased });
  }

  /** One that cannot be erased now does not hold up the others; the next round tries it again. */
  private async orLater(whose: object, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.logger.warn('not erased yet', { ...whose, error });
    }
  }
}
