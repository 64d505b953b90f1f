import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { ChangesModule } from '../changes/changes.module';
import { ChannelBulk } from './channel-bulk.service';
import { ChannelHistoryController } from './channel-history.controller';
import { ChannelHistoryRepository } from './channel-history.repository';
import { ChannelHistory } from './channel-history.service';
import { ChannelList } from './channel-list.service';
import { ChannelOperationsController } from './channel-operations.controller';
import { ChannelOperations } from './channel-operations.service';
import { ChannelProbe } from './channel-probe.client';
import { ChannelSecretsController } from './channel-secrets.controller';
import { ChannelSecrets } from './channel-secrets.service';
import { ChannelStatusRepository } from './channel-status.repository';
import { ChannelStatusesRepository } from './channel-statuses.repository';
import { ChannelTest } from './channel-test.service';
import { ChannelsController } from './channels.controller';
import { ChannelsRepository } from './channels.repository';
import { ChannelsService } from './channels.service';

@Module({
  imports: [AuthModule, ChangesModule],
  controllers: [
    ChannelsController,
    ChannelOperationsController,
    ChannelHistoryController,
    ChannelSecretsController,
  ],
  providers: [
    ChannelsService,
    ChannelsRepository,
    ChannelHistory,
    ChannelHistoryRepository,
    ChannelBulk,
    ChannelList,
    ChannelOperations,
    ChannelSecrets,
    ChannelStatusRepository,
    ChannelStatusesRepository,
    ChannelTest,
    ChannelProbe,
  ],
  exports: [ChannelProbe, ChannelsService, ChannelList, ChannelStatusesRepository],
})
export class ChannelsModule {}
