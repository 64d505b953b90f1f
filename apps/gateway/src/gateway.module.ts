import { Module } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';
import { inboundQueue } from '@common/contracts';
import { EndpointRoutes } from '@common/dingtalk';
import { Egress, OutboundGuard } from '@common/outbound';
import { producerOf } from '@common/queue';

import { CallbackChannelsRepository } from './callbacks/callback-channels.repository';
import { CallbackDirectory } from './callbacks/callback-directory.service';
import { CallbackDoor } from './callbacks/callback-door.service';
import { CallbackPipeline } from './callbacks/callback.pipeline';
import { ChannelRosterRepository } from './channels/channel-roster.repository';
import { ChannelRoster } from './channels/channel-roster.service';
import { ChannelController } from './channels/channel.controller';
import { ConnectionBoard } from './connections/connection-board.service';
import { ConnectionKeeper } from './connections/connection-keeper.service';
import { StreamMetrics } from './connections/stream-metrics.service';
import { GatewayLife } from './gateway.life';
import { AckTimes } from './intake/ack-times.service';
import { AckTimesRepository } from './intake/ack-times.repository';
import { EventKeeper } from './intake/event-keeper.service';
import { InboundWake } from './intake/inbound-wake.service';
import { IntakePipeline } from './intake/intake.pipeline';
import { JournalWriter } from './intake/journal-writer.service';
import { JournalRepository } from './intake/journal.repository';
import { Journal } from './intake/journal.service';
import { SpillDrain } from './intake/spill-drain.service';
import { Spill } from './intake/spill.service';
import { SpillStore } from './intake/spill.store';
import { ChannelSpread } from './ownership/channel-spread.service';
import { GatewayRowsRepository } from './ownership/gateway-rows.repository';
import { LeaseLedger } from './ownership/lease-ledger.service';
import { LeaseRounds } from './ownership/lease-rounds.service';
import { OwnershipMetrics } from './ownership/ownership-metrics.service';
import { SingleConnection } from './ownership/single-connection.service';
import { PendingSecretsRepository } from './secrets/pending-secrets.repository';
import { SecretTrials } from './secrets/secret-trials.service';

/** Wiring of the gateway. */
@Module({
  controllers: [ChannelController],
  providers: [
    producerOf(inboundQueue),
    CallbackChannelsRepository,
    CallbackDirectory,
    CallbackDoor,
    CallbackPipeline,
    ChannelRoster,
    ChannelRosterRepository,
    ChannelSpread,
    ConnectionBoard,
    ConnectionKeeper,
    StreamMetrics,
    EventKeeper,
    {
      provide: EndpointRoutes,
      inject: [OutboundGuard, Egress],
      useFactory: (guard: OutboundGuard, egress: Egress) => new EndpointRoutes(guard, egress),
    },
    GatewayRowsRepository,
    AckTimes,
    AckTimesRepository,
    InboundWake,
    IntakePipeline,
    Journal,
    JournalRepository,
    JournalWriter,
    LeaseLedger,
    LeaseRounds,
    OwnershipMetrics,
    PendingSecretsRepository,
    SecretTrials,
    SingleConnection,
    Spill,
    SpillDrain,
    SpillStore,
    { provide: ServiceLife, useClass: GatewayLife },
  ],
})
export class GatewayModule {}
