import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { ChangesModule } from '../changes/changes.module';
import { QueueDesk } from './queue-desk.service';
import { QueuesController } from './queues.controller';
import { QueuesService } from './queues.service';

@Module({
  imports: [AuthModule, ChangesModule],
  controllers: [QueuesController],
  providers: [QueuesService, QueueDesk],
  exports: [QueueDesk],
})
export class QueuesModule {}
