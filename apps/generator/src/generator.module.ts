import { Module } from '@nestjs/common';

import { ServiceLife } from '@common/bootstrap';
import { generationQueue } from '@common/contracts';
import { producerOf } from '@common/queue';

import { Agents } from './agents/agents.service';
import { DemoAgent } from './agents/demo-agent';
import { DifyAgent } from './agents/dify-agent';
import { DifyConversations } from './agents/dify-conversations.repository';
import { HttpAgent } from './agents/http-agent';
import { OutsideLine } from './agents/outside-line.service';
import { LlmAgent } from './agents/llm-agent';
import { AttachmentRepository } from './attachments/attachment.repository';
import { Attachments } from './attachments/attachments.service';
import { AnswerFileRepository } from './answer-files/answer-file.repository';
import { AnswerFiles } from './answer-files/answer-files.service';
import { objectStore } from './attachments/object-store.provider';
import { Pictures } from './attachments/pictures.service';
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
import { ContextRepository } from './context/context.repository';
import { Contexts } from './context/contexts.service';
import { Summaries } from './context/summaries.service';
import { BudgetGate } from './limits/budget-gate.service';
import { ContentGate } from './limits/content-gate.service';
import { ContentRules } from './limits/content-rules.repository';
import { BudgetsRepository } from './limits/budgets.repository';
import { MemberMemory } from './context/member-memory.repository';
import { BuiltInTools } from './tools/built-in-tools.service';
import { DirectoryRepository } from './tools/directory.repository';
import { McpServers } from './tools/mcp-servers.service';
import { ToolCallRepository } from './tools/tool-call.repository';
import { ToolServerRepository } from './tools/tool-server.repository';
import { Toolboxes } from './tools/toolboxes.service';
import { ReplyFlusher } from './streaming/reply-flusher.service';

/** Wiring of the generator. */
@Module({
  controllers: [CancelController],
  providers: [
    producerOf(generationQueue),
    Agents,
    AnswerFileRepository,
    AnswerFiles,
    Answering,
    AnthropicProvider,
    AttachmentRepository,
    Attachments,
    BudgetGate,
    BudgetsRepository,
    BuiltInTools,
    CancelWatch,
    ContentGate,
    ContentRules,
    ContextRepository,
    Contexts,
    DemoAgent,
    DifyAgent,
    DifyConversations,
    DirectoryRepository,
    GenerationConsumer,
    GenerationPipeline,
    HttpAgent,
    LlmAgent,
    McpServers,
    MemberMemory,
    ModelLines,
    ModelRepository,
    ModelVoice,
    objectStore,
    OpenAiProvider,
    OutsideLine,
    PermitDesk,
    PermitRepository,
    Pictures,
    Providers,
    Questions,
    ReplyFlusher,
    Summaries,
    ToolCallRepository,
    ToolServerRepository,
    Toolboxes,
    TurnRepository,
    TurnsInHand,
    { provide: ServiceLife, useClass: GeneratorLife },
  ],
})
export class GeneratorModule {}
