import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { ChangesModule } from '../changes/changes.module';
import { NoticesModule } from '../notices/notices.module';
import { AccessController } from './access.controller';
import { AccessRepository } from './access.repository';
import { AccessService } from './access.service';

@Module({
  imports: [AuthModule, ChangesModule, NoticesModule],
  controllers: [AccessController],
  providers: [AccessService, AccessRepository],
})
export class AccessModule {}
