import { randomBytes } from 'node:crypto';
import type { Seeded } from '../../chaos/seeded';
import type { Bot } from './bot';
import type { Installation } from './installation';

/** One thread: a bot, and a person alone with it or in a group. */
interface Talk {
  readonly bot: Bot;
  readonly person: string;
  readonly groupId: string | undefined;
  /** People share one session where the channel says so. */
  readonly key: string;
  /** Raised by `/new`: a session of its own. */
  epoch: number;
}
interface Mark {
  readonly session: string;
  readonly person: string;
  readonly isFact: boolean;
  readonly isDirect: boolean;
}

/** A field of a message that holds what the platform calls somebody or something: none of it is for a model. */
const PLATFORM_FIELD = /(^id|Id|Code|Key)$/;
/** The one thread of a whole group. */
const SHARED = 'shared';
const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/i;

/** People who talk in many places at once, each message with a mark of its own, and who of the models read which mark. */
export class Talks {
  private readonly marks = new Map<string, Mark>();
  private asked = 0;

  private constructor(
    private readonly installation: Installation,
    readonly all: readonly Talk[],
  ) {}

  /** Everybody talks with every bot: alone, and in a group of all. */
  static async among(
    installation: Installation,
    bots: readonly Bot[],
    count: number,
  ): Promise<Talks> {
    const [first] = bots;
    if (!first) throw new RangeError('no bot');
    const names = Array.from({ length: count }, (_, n) => `Name${n}`);
    const people = await Promise.all(names.map((name) => person(installation, name)));
    const groupId = await first.group(people);
    const all = bots.flatMap((bot, n) =>
      people.flatMap((person) => [
        { bot, person, groupId: undefined, key: `${n}-${person}`, epoch: 0 },
        // The second bot has one session for the whole group.
        { bot, person, groupId, key: n === 1 ? SHARED : `${n}-group-${person}`, epoch: 0 },
      ]),
    );
    return new Talks(installation, all);
  }

  /** One message of one kind or another, or a command. */
  async say(talk: Talk, random: Seeded): Promise<void> {
    if (talk.key !== SHARED && random.chance(0.08)) {
      talk.epoch += 1;
      await this.post(talk, '/new');
      return;
    }
    const kind = random.between(1, 10);
    if (kind === 1) return this.ask(talk, `remember ${this.mark(talk, true)}`);
    if (kind === 2) return this.ask(talk, `find Name${random.between(0, 9)}`);
    const text = `${'word '.repeat(random.between(1, 60))}${this.mark(talk)}`;
    if (kind > 4) return this.ask(talk, text);
    const quote = { msgType: 'text', msgId: 'msgQuoted==', senderId: '$:LWCP_v1:$quoted==' };
    const repliedMsg = { ...quote, content: { text: `earlier ${this.mark(talk)}` } };
    return this.ask(talk, text, { content: { isReplyMsg: true, repliedMsg } });
  }

  /** How many turns all of them came to. */
  get askedInAll(): number {
    return this.asked;
  }

  async areAnswered(): Promise<boolean> {
    const [row] = await this.installation.schema.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM turn WHERE state = 'delivered'`,
    );
    return row?.n === this.asked;
  }

  /** What models were sent that was not for them, in words. */
  async leaks(): Promise<string[]> {
    const ids = await this.platformIds();
    const found = this.installation.model.requests.flatMap(({ raw, question }) => {
      const mine = raw.includes('Summarise the conversation')
        ? this.marks.get(marksOf(raw)[0] ?? '')
        : this.marks.get(marksOf(question).at(-1) ?? '');
      const foreign = marksOf(raw).filter((mark) => !this.mayRead(mine, this.marks.get(mark)));
      const told = ids.filter((id) => raw.includes(id));
      const uuid = UUID.exec(raw)?.[0];
      return [
        ...(mine ? foreign.map((mark) => `${mark} in "${question.slice(-40)}"`) : []),
        ...told.map((id) => `${id} in "${question.slice(-40)}"`),
        ...(uuid ? [`${uuid} in "${question.slice(-40)}"`] : []),
      ];
    });
    return [...new Set(found)];
  }

  /** Words of the same session; facts of the same person (of all in a shared one), but never in public what was told in private. */
  private mayRead(mine: Mark | undefined, other: Mark | undefined): boolean {
    if (!mine || !other) return true;
    if (mine.session === other.session) return true;
    const isHeard = mine.person === other.person || mine.session.startsWith(SHARED);
    return other.isFact && isHeard && (mine.isDirect || !other.isDirect);
  }

  private mark(talk: Talk, isFact = false): string {
    const mark = `mark-${this.marks.size.toString(36)}x`;
    const session = `${talk.key}#${talk.epoch}`;
    const { person, groupId } = talk;
    this.marks.set(mark, { session, person, isFact, isDirect: groupId === undefined });
    return mark;
  }

  private ask(talk: Talk, text: string, more: object = {}): Promise<void> {
    this.asked += 1;
    return this.post(talk, text, more);
  }

  private async post({ bot, person, groupId }: Talk, text: string, more = {}): Promise<void> {
    await bot.ask(person, text, groupId === undefined ? more : { groupId, ...more });
  }

  /** Whatever the frames said about people, places and bots; secrets of ours; where the platform lives. */
  private async platformIds(): Promise<string[]> {
    const rows = await this.installation.schema.query<{ content: object }>(
      `SELECT content FROM inbound_event
       UNION ALL SELECT jsonb_build_object('id', value) FROM identity
       UNION ALL SELECT jsonb_build_object('id', robot_code) FROM channel WHERE robot_code IS NOT NULL`,
    );
    const ids = new Set<string>([new URL(this.installation.sandbox.url).host, 'access_token']);
    const collect = (value: unknown, field = ''): void => {
      if (typeof value === 'string' && PLATFORM_FIELD.test(field) && value.length > 4)
        ids.add(value);
      if (typeof value !== 'object' || value === null) return;
      for (const [name, inner] of Object.entries(value)) collect(inner, name);
    };
    for (const { content } of rows) collect(content);
    for (const { authorization } of this.installation.model.requests)
      ids.add(authorization.replace('Bearer ', ''));
    for (const { bot } of this.all) ids.add(bot.clientId).add(bot.clientSecret);
    return [...ids];
  }
}

async function person(installation: Installation, name: string): Promise<string> {
  const userId = `p${randomBytes(5).toString('hex')}`;
  await installation.sandbox.putPerson({ userId, name });
  return userId;
}

const marksOf = (text: string): string[] => text.match(/\bmark-\w+/g) ?? [];
