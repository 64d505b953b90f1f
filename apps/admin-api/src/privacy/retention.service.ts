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
      await this.privacy.eraseNow(tenantId, memberId);
    }
    for (const { tenantId, channelId } of await this.rows.forgetful()) {
      if (signal.aborted) return;
      const erased = await this.eraser.ofChannel(tenantId, channelId);
      if (erased.turns + erased.events + erased.files > 0)
        this.logger.info('words past their time erased', { channelId, ...erased });
    }
    await this.rows.forgetAnswers();
  }
}
