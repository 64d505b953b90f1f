import type { Bot } from './bot';
import { eventually } from './eventually';
import type { Installation } from './installation';
import { type HeldAnswer, plainAnswerTo } from './model-server';

/** Leases last 6 s and the sweeper looks every 2 s; the rest is room for a busy machine. */
export const takeoverMs = 45_000;

/** A question whose answer stands in the middle, with words on its card. */
export interface Talk {
  readonly person: string;
  readonly held: HeldAnswer;
  readonly conversationId: string;
  readonly msgId: string;
}

/** What several people see of answers while something happens to the services. */
export class Talks {
  constructor(
    private readonly installation: Installation,
    private readonly bot: Bot,
  ) {}

  /** Three people, each with half an answer. */
  async halfAnswered(about: string): Promise<Talk[]> {
    const { bot, installation } = this;
    const people = await Promise.all([bot.person(), bot.person(), bot.person()]);
    const talks = people.map(async (person, n) => {
      const held = installation.model.hold(`${about} ${n}`);
      const { conversationId, msgId } = await bot.ask(person, `${about} ${n}`);
      await bot.untilWords(conversationId, held.text.slice(0, 20));
      return { person, held, conversationId, msgId };
    });
    return Promise.all(talks);
  }

  /** Each has exactly one end with the whole text, the next question works, and no card is open. */
  async expectOneEndEach(talks: readonly Talk[]): Promise<void> {
    for (const talk of talks) await this.expectEnd(talk);
    for (const { person, conversationId, held } of talks) {
      await this.bot.ask(person, `next for ${person}`);
      const replies = await this.bot.untilReplies(conversationId, 2);
      const next = plainAnswerTo(`next for ${person}`);
      expect(replies.map(({ text }) => text)).toEqual([held.text, next]);
    }
    expect(await this.installation.sandbox.openCards()).toEqual([]);
    expect(await this.installation.sandbox.violations()).toEqual([]);
  }

  private async expectEnd({ conversationId, held, msgId }: Talk): Promise<void> {
    const [reply] = await this.bot.untilReplies(conversationId, 1, takeoverMs);
    expect(reply).toMatchObject({ kind: 'card', state: 'finished', text: held.text });
    await eventually('the one turn ends', async () => {
      const turns = await this.installation.admin.turnsOf(msgId);
      return turns.length === 1 && turns[0]?.state === 'delivered';
    });
  }
}
