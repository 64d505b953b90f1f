import { Module } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';
import { deliveryQueue, generationQueue, inboundQueue } from '@common/contracts';
import { producerOf, WorkProducer } from '@common/queue';

import { DispatcherLife } from './dispatcher.life';
import { DispatchPipeline } from './inbound/dispatch.pipeline';
import { EventEffect } from './inbound/event-effect.service';
import { InboundConsumer } from './inbound/inbound.consumer';
import { MemberResolver } from './inbound/member-resolver.service';
import { PlainReplies } from './inbound/plain-replies.service';
import { SessionBook } from './inbound/session-book.service';
import { ThreadLaneRepository } from './inbound/thread-lane.repository';
import { ThreadLane } from './inbound/thread-lane.service';
import { TurnBook } from './inbound/turn-book.service';
import { SweeperRepository } from './sweeper/sweeper.repository';
import { Sweeper } from './sweeper/sweeper.service';

/** Wiring of the dispatcher. */
@Module({
  providers: [
    producerOf(inboundQueue),
    producerOf(generationQueue),
    producerOf(deliveryQueue),
    DispatchPipeline,
    EventEffect,
    WorkProducer,
    InboundConsumer,
    MemberResolver,
    PlainReplies,
    SessionBook,
    SweeperRepository,
    Sweeper,
    ThreadLane,
    ThreadLaneRepository,
    TurnBook,
    { provide: ServiceLife, useClass: DispatcherLife },
  ],
})
export class DispatcherModule {}
