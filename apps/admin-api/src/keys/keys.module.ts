import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { KeysController } from './keys.controller';
import { KeysService } from './keys.service';
import { WaitingEvents } from './waiting-events';

@Module({
  imports: [AuthModule],
  controllers: [KeysController],
  providers: [KeysService, WaitingEvents],
  exports: [KeysService],
})
export class KeysModule {}
