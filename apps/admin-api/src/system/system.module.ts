import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { SystemController } from './system.controller';
import { SystemRepository } from './system.repository';
import { SystemService } from './system.service';

@Module({
  imports: [AuthModule],
  controllers: [SystemController],
  providers: [SystemService, SystemRepository],
})
export class SystemModule {}
