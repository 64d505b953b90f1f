import { Module } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';
import { deliveryQueue, generationQueue, outboundQueue } from '@common/contracts';
import { producerOf, WorkProducer } from '@common/queue';

import { AllowanceWatch } from './allowance/allowance-watch.service';
import { UsageLedger } from './allowance/usage-ledger.service';
import { UsageRepository } from './allowance/usage.repository';
import { CardDebtReaper } from './card/card-debt-reaper.service';
import { CardDebtRepository } from './card/card-debt.repository';
import { CardNotices } from './card/card-notices.service';
import { CardShow } from './card/card-show.service';
import { QuestionShow } from './card/question-show.service';
import { WordsOnCard } from './card/words-on-card.service';
import { AnswerDelivery } from './delivery/answer-delivery.service';
import { DeliveriesInHand } from './delivery/deliveries-in-hand';
import { DeliveryConsumer } from './delivery/delivery.consumer';
import { DeliveryPipeline } from './delivery/delivery.pipeline';
import { DeliveryRepository } from './delivery/delivery.repository';
import { Handover } from './delivery/handover.service';
import { StrayWatch } from './delivery/stray-watch.service';
import { AnswerFileRepository } from './files/answer-file.repository';
import { AnswerFiles } from './files/answer-files.service';
import { objectStore } from './files/object-store.provider';
import { TurnWatch } from './following/turn-watch.service';
import { NoticeCalls } from './notices/notice-calls.service';
import { NoticeClicks } from './notices/notice-clicks.service';
import { NoticePipeline } from './notices/notice.pipeline';
import { NoticeRecall } from './notices/notice-recall.service';
import { NoticeReceipts } from './notices/notice-receipts.service';
import { NoticeRepository } from './notices/notice.repository';
import { NoticeSending } from './notices/notice-sending.service';
import { OutboundConsumer } from './notices/outbound.consumer';
import { RecipientRepository } from './notices/recipient.repository';
import { SentNoticeRepository } from './notices/sent-notice.repository';
import { EgressGate } from './platform/egress-gate.service';
import { EgressStopRepository } from './platform/egress-stop.repository';
import { ChannelSecrets } from './platform/channel-secrets.adapter';
import { dingTalkClient } from './platform/dingtalk-client.provider';
import { PlatformCalls } from './platform/platform-calls.service';
import { SealedTokens } from './platform/sealed-tokens.adapter';
import { QueuedDeliveryRepository } from './queueing/queued-delivery.repository';
import { QueuePlaces } from './queueing/queue-places.service';
import { ReactionRefusals } from './reaction/reaction-refusals.repository';
import { Reactions } from './reaction/reactions.service';
import { SenderLife } from './sender.life';
import { PieceRepository } from './text/piece.repository';
import { TextLadder } from './text/text-ladder.service';
import { LearnedCeilings } from './throttling/learned-ceilings.repository';
import { RedisSlots } from './throttling/redis-slots.service';
import { SendBudget } from './throttling/send-budget.port';
import { SharedSendBudget } from './throttling/shared-send-budget.adapter';

/** Wiring of the sender. */
@Module({
  providers: [
    producerOf(generationQueue),
    producerOf(deliveryQueue),
    producerOf(outboundQueue),
    dingTalkClient,
    AllowanceWatch,
    AnswerDelivery,
    AnswerFileRepository,
    AnswerFiles,
    objectStore,
    CardDebtReaper,
    CardDebtRepository,
    CardNotices,
    CardShow,
    ChannelSecrets,
    DeliveriesInHand,
    DeliveryConsumer,
    DeliveryPipeline,
    DeliveryRepository,
    EgressGate,
    EgressStopRepository,
    Handover,
    LearnedCeilings,
    NoticeCalls,
    NoticeClicks,
    NoticePipeline,
    NoticeRecall,
    NoticeReceipts,
    NoticeRepository,
    NoticeSending,
    OutboundConsumer,
    PieceRepository,
    QueuePlaces,
    QueuedDeliveryRepository,
    PlatformCalls,
    ReactionRefusals,
    Reactions,
    RecipientRepository,
    SealedTokens,
    SentNoticeRepository,
    RedisSlots,
    StrayWatch,
    TextLadder,
    TurnWatch,
    UsageLedger,
    UsageRepository,
    WorkProducer,
    QuestionShow,
    WordsOnCard,
    { provide: SendBudget, useClass: SharedSendBudget },
    { provide: ServiceLife, useClass: SenderLife },
  ],
})
export class SenderModule {}
