import { Seeded } from '../chaos/seeded';
import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import { type ModelCall, toolCall } from './support/model-call';
import { Talks } from './support/overheard';

const isLong = process.env['LONG'] === '1';
const ROUNDS = isLong ? 40 : 6;
const PEOPLE = 4;
/** Printed with the name, so that a run can be repeated; the long run says something else each time. */
const seed = Number(process.env['SEED'] ?? (isLong ? Date.now() % 1_000_000 : 20_261_126));

/** What the words of a model are made of: every mark it was sent comes back, so that a leak spreads and is seen. */
const marksIn = (text: string): string[] => [...new Set(text.match(/\bmark-\w+/g) ?? [])];

/** Answers by what is asked: with a tool, with a summary, or with words; always with the marks it read. */
function parrot(call: ModelCall): void {
  const { messages, question } = call.request;
  const last = messages.at(-1);
  const [, wish, what] = /\b(remember|find) (\S+)/.exec(question) ?? [];
  if (wish && what && last?.role === 'user')
    call.bytes(
      wish === 'remember'
        ? toolCall('remember', { fact: `likes ${what}` })
        : toolCall('find_colleague', { name: what }),
    );
  else call.say(`I read ${marksIn(JSON.stringify(messages)).join(' ')}`);
  call.end();
}

describe(`P6 isolation: what a model was sent (SEED=${seed})`, () => {
  const random = new Seeded(seed);
  let installation: Installation;
  let talks: Talks;

  beforeAll(async () => {
    installation = await Installation.start();
    installation.model.on('', parrot);
    // So little room that older turns are summarised after a few.
    const model = { contextTokens: 1_500 };
    const bots = await Promise.all([
      Bot.join(installation, { model }),
      Bot.join(installation, { model, channel: { session: { scope: 'group' } } }),
    ]);
    const agents = await installation.admin.call<{ items: { id: string }[] }>(
      'GET',
      '/agents?limit=200',
    );
    const tools = ['member_memory', 'directory', 'current_time'];
    for (const { id } of agents.items.slice(0, 2))
      await installation.admin.change(`/agents/${id}`, { tools });
    talks = await Talks.among(installation, bots, PEOPLE);
  });

  afterAll(() => installation?.stop());

  it('has the words of one session, what may be remembered there, and nothing of the platform', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      // All at the same time, each in its own thread: interleaved as they come.
      await Promise.all(talks.all.map((talk) => talks.say(talk, random)));
      await eventually('all are answered', () => talks.areAnswered(), 60_000);
    }
    const { requests } = installation.model;
    // Some questions take a second call, for a tool.
    expect(requests.length).toBeGreaterThan(talks.askedInAll);
    expect(requests.some(({ raw }) => raw.includes('Summarise the conversation'))).toBe(true);
    expect(requests.some(({ raw }) => raw.includes('What is remembered of the person'))).toBe(true);

    const leaks = await talks.leaks();
    expect(leaks).toEqual([]);
  });
});
