import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { TurnsModule } from '../turns/turns.module';
import { DeliveriesController } from './deliveries.controller';
import { DeliveriesRepository } from './deliveries.repository';
import { DeliveriesService } from './deliveries.service';

@Module({
  imports: [AuthModule, TurnsModule],
  controllers: [DeliveriesController],
  providers: [DeliveriesService, DeliveriesRepository],
})
export class DeliveriesModule {}
