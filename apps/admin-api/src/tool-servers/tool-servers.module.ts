import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { ChangesModule } from '../changes/changes.module';
import { ToolServersController } from './tool-servers.controller';
import { ToolServersRepository } from './tool-servers.repository';
import { ToolServersService } from './tool-servers.service';

@Module({
  imports: [AuthModule, ChangesModule],
  controllers: [ToolServersController],
  providers: [ToolServersService, ToolServersRepository],
  exports: [ToolServersService],
})
export class ToolServersModule {}
