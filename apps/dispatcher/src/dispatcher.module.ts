import { Module } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';
import { deliveryQueue, generationQueue, inboundQueue } from '@common/contracts';
import { producerOf, WorkProducer } from '@common/queue';

import { cardActionProviders } from './actions/card-actions';
import { CardClicks } from './actions/card-clicks.service';
import { ClickedCardRepository } from './actions/clicked-card.repository';
import { DispatcherLife } from './dispatcher.life';
import { platformEventProviders } from './events/platform-event-handlers';
import { PlatformEvents } from './events/platform-events.service';
import { RecalledMessageRepository } from './events/recalled-message.repository';
import { DispatchPipeline } from './inbound/dispatch.pipeline';
import { EventEffect } from './inbound/event-effect.service';
import { FollowUp } from './inbound/follow-up.service';
import { InboundConsumer } from './inbound/inbound.consumer';
import { MemberResolver } from './inbound/member-resolver.service';
import { PlainReplies } from './inbound/plain-replies.service';
import { SessionBook } from './inbound/session-book.service';
import { ThreadLaneRepository } from './inbound/thread-lane.repository';
import { ThreadLane } from './inbound/thread-lane.service';
import { TurnBook } from './inbound/turn-book.service';
import { LooseEventRepository } from './loose/loose-event.repository';
import { LooseEvents } from './loose/loose-events.service';
import { SweeperRepository } from './sweeper/sweeper.repository';
import { Sweeper } from './sweeper/sweeper.service';
import { WelcomeRepository } from './welcome/welcome.repository';

/** Wiring of the dispatcher. */
@Module({
  providers: [
    producerOf(inboundQueue),
    producerOf(generationQueue),
    producerOf(deliveryQueue),
    ...cardActionProviders,
    ...platformEventProviders,
    CardClicks,
    ClickedCardRepository,
    DispatchPipeline,
    EventEffect,
    FollowUp,
    LooseEventRepository,
    LooseEvents,
    PlatformEvents,
    RecalledMessageRepository,
    WelcomeRepository,
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
