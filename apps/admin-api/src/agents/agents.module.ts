import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { ChangesModule } from '../changes/changes.module';
import { AgentVersionsController } from './agent-versions.controller';
import { AgentVersions } from './agent-versions.service';
import { AgentsController } from './agents.controller';
import { AgentsRepository } from './agents.repository';
import { AgentsService } from './agents.service';

@Module({
  imports: [AuthModule, ChangesModule],
  controllers: [AgentsController, AgentVersionsController],
  providers: [AgentsService, AgentVersions, AgentsRepository],
  exports: [AgentsService],
})
export class AgentsModule {}
