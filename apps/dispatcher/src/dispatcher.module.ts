import { Module } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';
import {
  deliveryQueue,
  filesQueue,
  generationQueue,
  inboundQueue,
  outboundQueue,
} from '@common/contracts';
import { producerOf, WorkProducer } from '@common/queue';

import { cardActionProviders } from './actions/card-actions';
import { CardClicks } from './actions/card-clicks.service';
import { ClickedCardRepository } from './actions/clicked-card.repository';
import { NoticeClicks } from './actions/notice-clicks.service';
import { AskersRepository } from './asking/askers.repository';
import { Refusals } from './asking/refusals.service';
import { chatCommandProviders } from './commands/chat-commands';
import { Choosing } from './commands/choosing.service';
import { CommandDesk } from './commands/command-desk.service';
import { MemoryRepository } from './commands/memory.repository';
import { MentionNames } from './content/mention-names.repository';
import { OwnWords } from './content/own-words.repository';
import { DispatcherLife } from './dispatcher.life';
import { DocumentReader } from './documents/document-reader.service';
import { platformEventProviders } from './events/platform-event-handlers';
import { PlatformEvents } from './events/platform-events.service';
import { RecalledMessageRepository } from './events/recalled-message.repository';
import { DownloadPace } from './files/download-pace.service';
import { FileConsumer } from './files/file.consumer';
import { FileDownloads } from './files/file-downloads.service';
import { FilePipeline } from './files/file.pipeline';
import { FileRepository } from './files/file.repository';
import { objectStore } from './files/object-store.provider';
import { DispatchPipeline } from './inbound/dispatch.pipeline';
import { EventEffect } from './inbound/event-effect.service';
import { FollowUp } from './inbound/follow-up.service';
import { InboundConsumer } from './inbound/inbound.consumer';
import { PlainReplies } from './inbound/plain-replies.service';
import { ThreadLaneRepository } from './inbound/thread-lane.repository';
import { ThreadLane } from './inbound/thread-lane.service';
import { LooseEventRepository } from './loose/loose-event.repository';
import { LooseEvents } from './loose/loose-events.service';
import { dingTalkClient } from './mapping/dingtalk-client.provider';
import { IdentityFinder } from './mapping/identity-finder.service';
import { Introductions } from './mapping/introductions.service';
import { MapperHook } from './mapping/mapper-hook.client';
import { MappingRepository } from './mapping/mapping.repository';
import { MemberResolver } from './mapping/member-resolver.service';
import { QuestionDesk } from './questions/question-desk.service';
import { AnswerDesk } from './answers/answer-desk.service';
import { AgentRouter } from './routing/agent-router.service';
import { RoutingRepository } from './routing/routing.repository';
import { SessionBook } from './sessions/session-book.service';
import { SessionRepository } from './sessions/session.repository';
import { SweeperRepository } from './sweeper/sweeper.repository';
import { Sweeper } from './sweeper/sweeper.service';
import { OpenTurnsRepository } from './turns/open-turns.repository';
import { TurnBook } from './turns/turn-book.service';
import { TurnRepository } from './turns/turn.repository';
import { WelcomeRepository } from './welcome/welcome.repository';

/** Wiring of the dispatcher. */
@Module({
  providers: [
    producerOf(inboundQueue),
    producerOf(filesQueue),
    producerOf(generationQueue),
    producerOf(deliveryQueue),
    producerOf(outboundQueue),
    ...cardActionProviders,
    ...chatCommandProviders,
    ...platformEventProviders,
    AgentRouter,
    AnswerDesk,
    AskersRepository,
    CardClicks,
    NoticeClicks,
    Choosing,
    CommandDesk,
    MemoryRepository,
    MentionNames,
    OpenTurnsRepository,
    OwnWords,
    QuestionDesk,
    Refusals,
    RoutingRepository,
    SessionRepository,
    TurnRepository,
    ClickedCardRepository,
    DispatchPipeline,
    DocumentReader,
    DownloadPace,
    EventEffect,
    FileConsumer,
    FileDownloads,
    FilePipeline,
    FileRepository,
    objectStore,
    FollowUp,
    LooseEventRepository,
    LooseEvents,
    PlatformEvents,
    RecalledMessageRepository,
    WelcomeRepository,
    WorkProducer,
    InboundConsumer,
    dingTalkClient,
    IdentityFinder,
    Introductions,
    MapperHook,
    MappingRepository,
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
