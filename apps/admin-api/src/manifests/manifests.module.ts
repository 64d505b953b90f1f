import { Module } from '@nestjs/common';

import { AgentsModule } from '../agents/agents.module';
import { AuthModule } from '../auth/auth.module';
import { ChannelsModule } from '../channels/channels.module';
import { ModelsModule } from '../models/models.module';
import { OrganizationsModule } from '../organizations/organizations.module';
import { ToolServersModule } from '../tool-servers/tool-servers.module';
import { ItemWriter } from './item-writer.service';
import { ManifestApplier } from './manifest-applier.service';
import { ManifestPlanner } from './manifest-planner.service';
import { ManifestsController } from './manifests.controller';
import { PresentStateReader } from './present-state.service';
import { StoredSecrets } from './stored-secrets';

@Module({
  imports: [
    AuthModule,
    AgentsModule,
    ChannelsModule,
    ModelsModule,
    OrganizationsModule,
    ToolServersModule,
  ],
  controllers: [ManifestsController],
  providers: [PresentStateReader, ManifestPlanner, ManifestApplier, ItemWriter, StoredSecrets],
})
export class ManifestsModule {}
