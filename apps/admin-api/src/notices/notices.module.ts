import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { ChangesModule } from '../changes/changes.module';
import { QueuesModule } from '../queues/queues.module';
import { NoticeActions } from './notice-actions.service';
import { NoticeReading } from './notice-reading.service';
import { NoticeRecipientsRepository } from './notice-recipients.repository';
import { NoticesController } from './notices.controller';
import { NoticesRepository } from './notices.repository';
import { NoticesService } from './notices.service';
import { NoticeWaker } from './notice-waker.service';

@Module({
  imports: [AuthModule, ChangesModule, QueuesModule],
  controllers: [NoticesController],
  providers: [
    NoticeActions,
    NoticeReading,
    NoticeRecipientsRepository,
    NoticesRepository,
    NoticesService,
    NoticeWaker,
  ],
  exports: [NoticesService, NoticeWaker],
})
export class NoticesModule {}
