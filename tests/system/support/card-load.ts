import { Stopwatch } from '@common/testing';
import type { Bot } from './bot';
import { eventually } from './eventually';
import type { Installation } from './installation';
import type { ChatEntry, SandboxCard } from './sandbox-client';

/** The figures of one load of answers on one app. */
export interface LoadFigures {
  readonly asked: number;
  readonly finishedInCard: number;
  readonly open: number;
  /** Answers that went out as messages. */
  readonly asText: number;
  /** People who saw their answer more than once. */
  readonly twice: number;
  readonly cardCalls: number;
  /** Part of all calls. */
  readonly refused: number;
  /** When calls were made and when they were refused, ms since the epoch. */
  readonly calledAt: readonly number[];
  readonly refusedAt: readonly number[];
  /** Question → end of the card, in ms; without those in which the machine stood still. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Load {
  readonly questions: number;
  readonly perSecond: number;
  /** How long the model speaks. */
  readonly answerMs: number;
  /** Told when so many were asked. */
  readonly onAsked?: (count: number) => Promise<unknown> | undefined;
}

interface CallRecord {
  readonly name: string;
  readonly status: number;
  readonly at: number;
}

const CHUNK_MS = 30;
const CARD_CALLS = new Set(['createAndDeliver', 'streaming', 'update']);
const textOf = (question: string): string =>
  `回答 ${question} ${'字'.repeat(200)} end of ${question}`;

/** The figures without the lists, for people. */
export const summaryOf = (figures: LoadFigures): string =>
  JSON.stringify({ ...figures, calledAt: undefined, refusedAt: figures.refusedAt.length });

/** Asks many different people's questions at an even rate and measures what they see. */
export class CardLoad {
  constructor(
    private readonly installation: Installation,
    private readonly bot: Bot,
  ) {}

  async run(name: string, load: Load): Promise<LoadFigures> {
    const { installation, bot } = this;
    this.speakFor(name, load.answerMs);
    const people = await Promise.all(Array.from({ length: load.questions }, () => bot.person()));
    const since = Date.now();
    const watch = new Stopwatch();
    const asked = [];
    for (const [n, person] of people.entries()) {
      const dueMs = since + (n * 1_000) / load.perSecond - Date.now();
      if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
      await load.onAsked?.(n);
      asked.push({ at: Date.now(), question: bot.ask(person, `${name} ${n}.`) });
    }
    const questions = await Promise.all(
      asked.map(async ({ at, question }) => ({ at, ...(await question) })),
    );
    await eventually('everybody has an answer', () => this.allAnswered(questions), 90_000).catch(
      async (error: Error) => {
        throw new Error(`${error.message} ${await installation.openWork()}`, { cause: error });
      },
    );
    watch.stop();
    return this.figures(questions, since, watch);
  }

  private speakFor(name: string, answerMs: number): void {
    const chunks = Math.max(1, Math.round(answerMs / CHUNK_MS));
    this.installation.model.on(name, async (call) => {
      const text = textOf(call.request.question);
      const size = Math.ceil(text.length / chunks);
      const pieces = text.match(new RegExp(`.{1,${size}}`, 'gsu')) ?? [];
      // By the clock, not by pauses: a busy machine must not make the model slower.
      const startedAt = Date.now();
      for (const [n, piece] of pieces.entries()) {
        const dueMs = startedAt + ((n + 1) * answerMs) / pieces.length - Date.now();
        if (dueMs > 0) await new Promise((resolve) => setTimeout(resolve, dueMs));
        call.say(piece);
      }
      call.end();
    });
  }

  private async allAnswered(questions: readonly { conversationId: string }[]): Promise<boolean> {
    const { sandbox } = this.installation;
    const cards = await sandbox.cards(`clientId=${this.bot.clientId}&open=true`);
    if (cards.some(({ space }) => space !== null)) return false;
    for (const { conversationId } of questions)
      if ((await this.bot.replies(conversationId)).length === 0) return false;
    return true;
  }

  private async figures(
    questions: readonly { at: number; conversationId: string }[],
    since: number,
    watch: Stopwatch,
  ): Promise<LoadFigures> {
    const { sandbox } = this.installation;
    const query = `clientId=${this.bot.clientId}`;
    const cards = await sandbox.cards(query);
    const calls = await sandbox.call<CallRecord[]>('GET', `/calls?${query}&since=${since}`);
    const refused = calls.filter(({ status }) => status === 403);
    const byConversation = new Map(cards.map((card) => [card.space?.conversationId, card]));
    const times: number[] = [];
    let [finishedInCard, asText, twice] = [0, 0, 0];
    for (const { at, conversationId } of questions) {
      const card = byConversation.get(conversationId);
      const shown = (await this.bot.replies(conversationId)).filter(hasAnswer);
      if (shown.length > 1) twice += 1;
      if (shown.some(({ kind }) => kind === 'bot')) asText += 1;
      if (card?.finishedAt && hasAnswer(card)) {
        finishedInCard += 1;
        times.push(endOf(card) - at - watch.stoodStillBetween(at, endOf(card)));
      }
    }
    times.sort((a, b) => a - b);
    const of = (part: number): number =>
      times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
    return {
      asked: questions.length,
      ...{ finishedInCard, asText, twice },
      open: (await sandbox.openCards(query)).length,
      cardCalls: calls.filter((call) => CARD_CALLS.has(call.name)).length,
      refused: refused.length / Math.max(1, calls.length),
      calledAt: calls.map(({ at }) => at),
      refusedAt: refused.map(({ at }) => at),
      ...{ p50: of(0.5), p99: of(0.99), max: of(1) },
    };
  }
}

const hasAnswer = ({ text }: Pick<ChatEntry | SandboxCard, 'text'>): boolean =>
  text.includes('end of');

/** The final frame, or the update that ended a card which was never streamed. */
const endOf = (card: SandboxCard): number =>
  card.frames.find(({ isFinalize, applied }) => isFinalize && applied)?.at ?? card.finishedAt ?? 0;
