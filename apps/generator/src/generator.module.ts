import { Module } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';
import { generationQueue } from '@common/contracts';
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
import { Questions } from './generation/question.service';
import { AnthropicProvider } from './models/anthropic-provider';
import { ModelLines } from './models/model-lines.service';
import { ModelVoice } from './models/model-voice.service';
import { ModelRepository } from './models/model.repository';
import { OpenAiProvider } from './models/openai-provider';
import { Providers } from './models/providers.service';
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
    AnthropicProvider,
    CancelWatch,
    DemoAgent,
    GenerationConsumer,
    GenerationPipeline,
    LlmAgent,
    ModelLines,
    ModelRepository,
    ModelVoice,
    OpenAiProvider,
    PermitDesk,
    PermitRepository,
    Providers,
    Questions,
    ReplyFlusher,
    TurnRepository,
    TurnsInHand,
    { provide: ServiceLife, useClass: GeneratorLife },
  ],
})
export class GeneratorModule {}
