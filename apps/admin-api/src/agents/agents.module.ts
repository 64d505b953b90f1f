import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { ChangesModule } from '../changes/changes.module';
import { AgentsController } from './agents.controller';
import { AgentsRepository } from './agents.repository';
import { AgentsService } from './agents.service';

@Module({
  imports: [AuthModule, ChangesModule],
  controllers: [AgentsController],
  providers: [AgentsService, AgentsRepository],
})
export class AgentsModule {}
