import { Module } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';
import { inboundQueue } from '@common/contracts';
import { producerOf } from '@common/queue';

import { ChannelRosterRepository } from './channels/channel-roster.repository';
import { ChannelController } from './channels/channel.controller';
import { ConnectionBoard } from './connections/connection-board.service';
import { ConnectionKeeper } from './connections/connection-keeper.service';
import { GatewayLife } from './gateway.life';
import { IntakePipeline } from './intake/intake.pipeline';
import { JournalRepository } from './intake/journal.repository';
import { Journal } from './intake/journal.service';

/** Wiring of the gateway. */
@Module({
  controllers: [ChannelController],
  providers: [
    producerOf(inboundQueue),
    ChannelRosterRepository,
    ConnectionBoard,
    ConnectionKeeper,
    IntakePipeline,
    Journal,
    JournalRepository,
    { provide: ServiceLife, useClass: GatewayLife },
  ],
})
export class GatewayModule {}
