import { Bot } from '../system/support/bot';
import type { Installation } from '../system/support/installation';
import { pause } from './pause';
import { markOf, questionOf } from './marks';
import type { Seeded } from './seeded';

/** One person in one chat with one bot: where order is kept. */
interface Seat {
  readonly name: string;
  readonly bot: Bot;
  readonly person: string;
  readonly groupId: string | undefined;
  asked: number;
}

export interface Question {
  readonly mark: string;
  readonly thread: string;
  readonly clientId: string;
  readonly msgId: string;
  readonly conversationId: string;
  readonly askedAt: number;
}

export interface CrowdOptions {
  readonly bots: number;
  /** Per bot: people who write directly, and people of its one group. */
  readonly direct: number;
  readonly inGroup: number;
}

/** People who go on asking whatever happens: open-loop arrivals, a share of them pushed twice. */
export class Crowd {
  readonly questions: Question[] = [];

  private constructor(
    private readonly installation: Installation,
    private readonly seats: readonly Seat[],
    readonly bots: readonly Bot[],
  ) {}

  static async gather(installation: Installation, options: CrowdOptions): Promise<Crowd> {
    const bots: Bot[] = [];
    const seats: Seat[] = [];
    for (let b = 0; b < options.bots; b += 1) {
      const bot = await Bot.join(installation);
      bots.push(bot);
      const seat = (name: string, person: string, groupId?: string) =>
        seats.push({ name, bot, person, groupId, asked: 0 });
      for (let n = 0; n < options.direct; n += 1) seat(`b${b}d${n}`, await bot.person());
      const members: string[] = [];
      for (let n = 0; n < options.inGroup; n += 1) members.push(await bot.person());
      const groupId = await bot.group(members);
      members.forEach((person, n) => seat(`b${b}g${n}`, person, groupId));
    }
    return new Crowd(installation, seats, bots);
  }

  async ask(perSecond: number, untilMs: number, random: Seeded): Promise<void> {
    const under: Promise<void>[] = [];
    for (;;) {
      await pause(random.gapMs(perSecond));
      if (Date.now() >= untilMs) break;
      under.push(this.askOne(random.pick(this.seats), random));
    }
    await Promise.all(under);
  }

  private async askOne(seat: Seat, random: Seeded): Promise<void> {
    const mark = markOf(seat.name, (seat.asked += 1));
    const twice = random.chance(0.15);
    const askedAt = Date.now();
    const { msgId, conversationId } = await this.installation.sandbox.post({
      from: seat.person,
      clientId: seat.bot.clientId,
      text: questionOf(mark),
      ...(seat.groupId !== undefined && { groupId: seat.groupId }),
      ...(twice && { copies: 2, spread: 'each' as const }),
    });
    const { clientId } = seat.bot;
    this.questions.push({ mark, thread: seat.name, clientId, msgId, conversationId, askedAt });
  }
}
