import { Bot } from './support/bot';
import { eventually } from './support/eventually';
import { Installation } from './support/installation';
import type { SandboxFault } from './support/sandbox-client';

const isLong = process.env['LONG'] === '1';
/** So many people ask at the same time. */
const atOnce = 25;

/** Every call of the ladder, and the bot and question that lead to it. */
const calls: Readonly<
  Record<
    string,
    { on: string; only?: object; cards?: false; group?: true; webhookExpired?: true; slow?: true }
  >
> = {
  create: { on: 'createAndDeliver' },
  frame: { on: 'streaming', only: { isFinalize: false }, slow: true },
  final: { on: 'streaming', only: { isFinalize: true } },
  look: { on: 'update' },
  webhook: { on: 'webhook', cards: false },
  toPerson: { on: 'batchSend', cards: false, webhookExpired: true },
  toGroup: { on: 'groupSend', cards: false, group: true, webhookExpired: true },
};

const often = [
  ...['qps', 'quota', 'busy', 'gatewayTimeout', 'scope', 'contentUnsafe', 'streamCardNotExist'],
  ...['resetAfterProcessing', 'truncated'],
];
const rare = [
  ...['qpsApi', 'tooMany', 'systemError', 'systemErr', 'unknownError', 'unavailable', 'tooFast'],
  ...['invalidToken', 'expiredToken', 'ipNotInWhiteList', 'templateNotExist', 'contentTooLarge'],
  ...['templateUnpublished', 'cardNotExist', 'cardAlreadyExist', 'webhookQuota', 'sessionExpired'],
  ...['tooLong', 'proxyHtml', 'reset', 'html', 'empty', 'hang'],
];
const acts = new Set(['resetAfterProcessing', 'truncated', 'reset', 'html', 'empty', 'hang']);
const actOf = (name: string): object => (acts.has(name) ? { [name]: true } : { error: name });

const cases = Object.keys(calls).flatMap((call) =>
  (isLong ? [...often, ...rare] : often).map((error) => ({ call, error })),
);

describe('C64 P2 P4 every error once at every call of the ladder', () => {
  let installation: Installation;

  beforeAll(async () => {
    installation = await Installation.start();
  });
  afterAll(() => installation?.stop());

  const answerTo = (question: string): string => `${'words and '.repeat(6)}the end of ${question}`;

  /** What went wrong with this one; null when all is well. */
  const verdictOn = async ({ call, error }: (typeof cases)[number]): Promise<string | null> => {
    const { on, only, cards, group, webhookExpired, slow } = calls[call] ?? { on: '' };
    const question = `${call} meets ${error}.`;
    const channel = cards === false ? { card: { enabled: false } } : {};
    const bot = await Bot.join(installation, { channel });
    const person = await bot.person();
    const groupId = group ? await bot.group([person]) : undefined;
    const fault: SandboxFault = {
      ...{ on, clientId: bot.clientId, times: 1, act: actOf(error) },
      ...(only && { only: only as Record<string, unknown> }),
    };
    await installation.sandbox.fault(question, fault);
    installation.model.on(question, (asked) =>
      asked.slowly(answerTo(question).match(/.{1,12}/gsu) ?? [], slow ? 100 : 5),
    );

    const { conversationId, msgId } = await bot.ask(person, question, {
      ...(groupId && { groupId }),
      ...(webhookExpired && { overrides: { sessionWebhookExpiredTime: Date.now() - 1_000 } }),
    });
    const turn = await eventually(`an end of ${question}`, async () => {
      const [one] = await installation.admin.turnsOf(msgId);
      return one && ['delivered', 'failed'].includes(one.state) && one;
    });
    await eventually(
      `no open card of ${question}`,
      async () => (await installation.sandbox.openCards(`clientId=${bot.clientId}`)).length === 0,
      90_000,
    );

    const shown = (await bot.replies(conversationId)).filter(({ text }) =>
      text.includes(answerTo(question)),
    );
    const marked = shown.filter(({ text }) => text.startsWith('(possibly sent twice)'));
    const unmarked = shown.length - marked.length;
    if (unmarked === 1 && marked.length === 0) return null;
    const desk = await installation.admin.call<{ items: { error: unknown; pieces: Pieces }[] }>(
      'GET',
      `/deliveries?turnId=${turn.id}`,
    );
    const [delivery] = desk.items;
    // A piece whose fate nobody knew was sent again, and both sides know that.
    if (marked.length === 1 && unmarked <= 1 && delivery?.pieces.possiblyTwice === 1) return null;
    if (shown.length === 0 && delivery?.error) return null;
    return `${question} ${unmarked} shown, ${marked.length} marked, ${JSON.stringify(delivery)}`;
  };

  it('shows the answer once, or the operator why not', async () => {
    const wrong: string[] = [];
    for (let n = 0; n < cases.length; n += atOnce) {
      const verdicts = await Promise.all(
        cases.slice(n, n + atOnce).map((one) => verdictOn(one).catch(String)),
      );
      wrong.push(...verdicts.filter((verdict) => verdict !== null));
    }
    expect(wrong).toEqual([]);
  });
});

interface Pieces {
  readonly possiblyTwice: number;
}
