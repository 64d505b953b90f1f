import { Injectable } from '@nestjs/common';

import type { FileReason } from '@common/domain';

import type { HistoryMessage } from '../agents/agent.port';
import { attached, type AttachedMessage } from '../attachments/attached-history';
import { Attachments } from '../attachments/attachments.service';
import { Pictures } from '../attachments/pictures.service';
import { unreadable } from '../attachments/unreadable';
import type { ClaimedAgent, ClaimedTurn } from '../generation/claimed-turn';
import { withBackground } from './background';
import { ContextRepository, type SessionMessage } from './context.repository';
import { Summaries } from './summaries.service';
import { tokensOf } from './token-count';
import { roomOf, withinRoom } from './window';

/** Messages read for the context; the room decides how many of them the model is sent. */
const HISTORY_LIMIT = 200;
/** From this part of the room on the older half is summarised, so that it is done before anything is dropped. */
const CROWDED = 0.6;

export interface Context {
  readonly instructions: string;
  /** Oldest first; the last message is the question. */
  readonly history: readonly HistoryMessage[];
  /** The question is nothing but files that cannot be read, for this reason. */
  readonly unreadable: FileReason | null;
}

/** What an agent is told of the past: the newest words in full, the older ones in few, and what is remembered of the person. */
@Injectable()
export class Contexts {
  constructor(
    private readonly context: ContextRepository,
    private readonly summaries: Summaries,
    private readonly attachments: Attachments,
    private readonly pictures: Pictures,
  ) {}

  /** @throws DatabaseUnavailableError */
  async of(turn: ClaimedTurn, agent: ClaimedAgent, signal: AbortSignal): Promise<Context> {
    const { recent: all, past } = await this.context.told(turn, HISTORY_LIMIT);
    const recent = all.filter(({ seq }) => seq > past.summarisedSeq || seq === turn.seq);
    const instructions = withBackground(agent.instructions, past);
    const room = Math.max(1_000, roomOf(agent.model) - tokensOf(instructions));
    const files = await this.attachments.of(turn, agent, recent, signal);
    const whole = attached(recent, files, room);
    const { kept, used } = withinRoom(whole, room);
    const isCrowded = used > CROWDED * room || kept.length < recent.length;
    if (isCrowded && agent.model && agent.kind === 'llm') {
      const messages = olderHalf(recent, turn.seq);
      this.summaries.later({ turn, model: agent.model, summary: past.summary, messages });
    }
    const history = agent.kind === 'llm' ? await this.shown(kept) : kept;
    return { instructions, history, unreadable: unreadable(kept.at(-1), agent) };
  }

  private shown(messages: readonly AttachedMessage[]): Promise<HistoryMessage[]> {
    return Promise.all(messages.map((message) => this.pictures.shown(message)));
  }
}

/** Whole turns, never the present one. */
function olderHalf(messages: readonly SessionMessage[], now: number): SessionMessage[] {
  const past = messages.filter(({ seq }) => seq < now);
  const last = past[Math.floor(past.length / 2)]?.seq ?? 0;
  return past.filter(({ seq }) => seq <= last);
}
