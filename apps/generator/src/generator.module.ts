import { Module } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';
import { generationQueue } from '@common/contracts';
import { producerOf } from '@common/queue';

import { Agents } from './agents/agents.service';
import { DemoAgent } from './agents/demo-agent';
import { LlmAgent } from './agents/llm-agent';
import { ModelLines } from './agents/model-lines.service';
import { CancelWatch } from './cancelling/cancel-watch.service';
import { CancelController } from './cancelling/cancel.controller';
import { TurnsInHand } from './cancelling/turns-in-hand';
import { Answering } from './generation/answering.service';
import { GenerationConsumer } from './generation/generation.consumer';
import { GenerationPipeline } from './generation/generation.pipeline';
import { TurnRepository } from './generation/turn.repository';
import { GeneratorLife } from './generator.life';
import { PermitDesk } from './permits/permit-desk.service';
import { PermitRepository } from './permits/permit.repository';
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
    ModelLines,
    PermitDesk,
    PermitRepository,
    ReplyFlusher,
    TurnRepository,
    TurnsInHand,
    { provide: ServiceLife, useClass: GeneratorLife },
  ],
})
export class GeneratorModule {}
