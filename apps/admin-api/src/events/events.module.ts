import { Module } from '@nestjs/common';

import { AuthModule } from '../auth/auth.module';
import { ChannelsModule } from '../channels/channels.module';
import { QueuesModule } from '../queues/queues.module';
import { EventsController } from './events.controller';
import { LiveEventsRepository } from './live-events.repository';
import { LiveFeed } from './live-feed.service';
import { LiveWatchRepository } from './live-watch.repository';
import { LiveWatch } from './live-watch.service';

@Module({
  imports: [AuthModule, ChannelsModule, QueuesModule],
  controllers: [EventsController],
  providers: [LiveFeed, LiveWatch, LiveEventsRepository, LiveWatchRepository],
  exports: [LiveFeed],
})
export class EventsModule {}
