import { Injectable } from '@nestjs/common';

import { Logger } from '@common/logging';

import type { Caller } from '../auth/caller.decorator';
import { ConflictError } from '../http/api.errors';
import { TurnRedriveRepository } from './turn-redrive.repository';
import { TurnRetry } from './turn-retry.service';
import type { RedriveTurnsDto, RedriveView } from './turns.dto';

/**
 * Drives failed turns again by a filter, oldest first, each in a transaction of its own. A turn that has a retry already
 * is left alone, so the same filter twice drives nothing twice; what failed again is found by its retry.
 */
@Injectable()
export class TurnRedrive {
  constructor(
    private readonly rows: TurnRedriveRepository,
    private readonly retrying: TurnRetry,
    private readonly logger: Logger,
  ) {}

  async redrive(caller: Caller, { filter, limit }: RedriveTurnsDto): Promise<RedriveView> {
    const found = await this.rows.failed(caller.tenantId, filter, limit + 1);
    const retried: RedriveView['retried'] = [];
    const skipped: RedriveView['skipped'] = [];
    for (const turnId of found.slice(0, limit)) {
      try {
        const again = await this.retrying.retry(caller, turnId, { answersResult: false });
        retried.push({ turnId, retryId: again.id });
      } catch (error) {
        // Somebody else was quicker, or the turn is not what it was when we looked.
        if (!(error instanceof ConflictError)) throw error;
        this.logger.debug('turn not driven again', { turnId, code: error.code });
        skipped.push({ turnId, code: error.code });
      }
    }
    return { retried, skipped, hasMore: found.length > limit };
  }
}
