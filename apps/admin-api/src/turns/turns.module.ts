import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { ChangesModule } from '../changes/changes.module';
import { QueuesModule } from '../queues/queues.module';
import { TimelineRepository } from './timeline.repository';
import { TurnCancel } from './turn-cancel.service';
import { TurnRedriveRepository } from './turn-redrive.repository';
import { TurnRedrive } from './turn-redrive.service';
import { TurnRetryRepository } from './turn-retry.repository';
import { TurnRetry } from './turn-retry.service';
import { TurnsController } from './turns.controller';
import { TurnsRepository } from './turns.repository';
import { TurnsService } from './turns.service';

@Module({
  imports: [AuthModule, ChangesModule, QueuesModule],
  controllers: [TurnsController],
  providers: [
    TurnsService,
    TurnsRepository,
    TimelineRepository,
    TurnCancel,
    TurnRetry,
    TurnRedrive,
    TurnRedriveRepository,
    TurnRetryRepository,
  ],
  exports: [TurnRetry],
})
export class TurnsModule {}
