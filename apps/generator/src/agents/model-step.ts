import { tokensOf } from '../context/token-count';
import type { ModelAccess } from '../models/model-access';
import type { ModelMessage, ToolRequest } from '../models/model-provider.port';
import type { Step, VoicePart } from '../models/model-voice.service';
import { ThinkSplitter } from '../models/think-splitter';
import type { AnswerPart, Question } from './agent.port';

/** What a model said in one step: words for the person, wishes for tools, and what it cost. */
export class ModelStep {
  /** Words of this step, without what it only thought. */
  said = '';
  requests: readonly ToolRequest[] = [];
  isCut = false;
  private opaque: unknown;
  private thought = 0;
  private isThinkingShown = false;
  private isPriced = false;
  private speaker: ModelAccess | null = null;
  private readonly splitter = new ThinkSplitter();

  constructor(
    private readonly question: Question,
    private readonly asked: Step,
  ) {}

  /** What the person is shown of it. */
  read(part: VoicePart): AnswerPart | null {
    if ('text' in part) return this.shown(this.splitter.push(part.text));
    if ('reasoning' in part) return this.shown([part]);
    if ('speaks' in part) this.hear(part.speaks);
    if ('requests' in part) ({ requests: this.requests, opaque: this.opaque } = part);
    if ('usage' in part) {
      this.isPriced = true;
      this.question.tally.add(part.usage, this.speaker);
    }
    if ('stop' in part) this.isCut = part.stop === 'length';
    return null;
  }

  end(): AnswerPart | null {
    return this.shown(this.splitter.end());
  }

  /** Counts what the provider did not; also when the step was broken off. */
  settle(): void {
    if (this.isPriced || this.said.length + this.thought === 0) return;
    const { instructions, messages } = this.asked;
    const words = messages.map((message) =>
      message.role === 'user'
        ? message.content.map((part) => (part.kind === 'text' ? part.text : '')).join('')
        : message.text,
    );
    const inputTokens = [instructions, ...words].reduce((sum, text) => sum + tokensOf(text), 0);
    const outputTokens = tokensOf(this.said) + Math.ceil(this.thought / 3);
    const used = { inputTokens, outputTokens, cachedTokens: 0 };
    this.question.tally.add(used, this.speaker, true);
  }

  asMessage(): ModelMessage {
    return {
      role: 'assistant',
      text: this.said,
      requests: this.requests,
      ...(this.opaque === undefined ? {} : { opaque: this.opaque }),
    };
  }

  private hear(speaker: ModelAccess): void {
    this.speaker = speaker;
    this.question.tally.modelId = speaker.id;
  }

  private shown(
    parts: readonly ({ readonly text: string } | { readonly reasoning: string })[],
  ): AnswerPart | null {
    let text = '';
    let aside = '';
    for (const part of parts) {
      if ('text' in part) text += part.text;
      else aside += part.reasoning;
    }
    this.said += text;
    this.thought += aside.length;
    const quote = this.question.showsReasoning && aside !== '' ? this.quoted(aside) : '';
    if (quote + text === '') return null;
    if (text === '') return { text, aside: quote };
    const lead = quote + this.gap();
    return lead === '' ? { text } : { text, aside: lead };
  }

  private gap(): string {
    const gap = this.isThinkingShown ? '\n\n' : '';
    this.isThinkingShown = false;
    return gap;
  }

  /** Every line of it in quotation, so that it cannot be taken for the answer. */
  private quoted(aside: string): string {
    const lead = this.isThinkingShown ? '' : '> ';
    this.isThinkingShown = true;
    return lead + aside.replaceAll('\n', '\n> ');
  }
}
