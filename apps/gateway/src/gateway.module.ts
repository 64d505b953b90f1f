import { Module } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';
import { inboundQueue } from '@common/contracts';
import { producerOf } from '@common/queue';

import { ChannelRosterRepository } from './channels/channel-roster.repository';
import { ChannelController } from './channels/channel.controller';
import { ConnectionBoard } from './connections/connection-board.service';
import { ConnectionKeeper } from './connections/connection-keeper.service';
import { GatewayLife } from './gateway.life';
import { EventKeeper } from './intake/event-keeper.service';
import { InboundWake } from './intake/inbound-wake.service';
import { IntakePipeline } from './intake/intake.pipeline';
import { JournalWriter } from './intake/journal-writer.service';
import { JournalRepository } from './intake/journal.repository';
import { Journal } from './intake/journal.service';
import { SpillDrain } from './intake/spill-drain.service';
import { Spill } from './intake/spill.service';
import { SpillStore } from './intake/spill.store';

/** Wiring of the gateway. */
@Module({
  controllers: [ChannelController],
  providers: [
    producerOf(inboundQueue),
    ChannelRosterRepository,
    ConnectionBoard,
    ConnectionKeeper,
    EventKeeper,
    InboundWake,
    IntakePipeline,
    Journal,
    JournalRepository,
    JournalWriter,
    Spill,
    SpillDrain,
    SpillStore,
    { provide: ServiceLife, useClass: GatewayLife },
  ],
})
export class GatewayModule {}
