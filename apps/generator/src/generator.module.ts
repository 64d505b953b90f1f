import { Module } from '@nestjs/common';

import { CoreConfig, ServiceLife } from '@common/bootstrap';
import { generationQueue } from '@common/contracts';
import { OutboundGuard } from '@common/outbound';
import { producerOf } from '@common/queue';

import { Agents } from './agents/agents.service';
import { DemoAgent } from './agents/demo-agent';
import { LlmAgent } from './agents/llm-agent';
import { CancelWatch } from './cancelling/cancel-watch.service';
import { CancelController } from './cancelling/cancel.controller';
import { TurnsInHand } from './cancelling/turns-in-hand';
import { Answering } from './generation/answering.service';
import { GenerationConsumer } from './generation/generation.consumer';
import { GenerationPipeline } from './generation/generation.pipeline';
import { TurnRepository } from './generation/turn.repository';
import { GeneratorLife } from './generator.life';
import { ReplyFlusher } from './streaming/reply-flusher.service';

/** Wiring of the generator. */
@Module({
  controllers: [CancelController],
  providers: [
    producerOf(generationQueue),
    Agents,
    Answering,
    CancelWatch,
    DemoAgent,
    GenerationConsumer,
    GenerationPipeline,
    LlmAgent,
    ReplyFlusher,
    TurnRepository,
    TurnsInHand,
    {
      provide: OutboundGuard,
      inject: [CoreConfig],
      useFactory: (config: CoreConfig) => OutboundGuard.of(config),
    },
    { provide: ServiceLife, useClass: GeneratorLife },
  ],
})
export class GeneratorModule {}
