import type {
  CardDelivery,
  CardFrame,
  DingTalkClient,
  NewCard,
  ReactedMessage,
  RobotMessage,
} from '@common/dingtalk';

export interface SeenCall {
  readonly name:
    | 'create'
    | 'stream'
    | 'final'
    | 'update'
    | 'webhook'
    | 'toUser'
    | 'toUsers'
    | 'toGroup'
    | 'upload'
    | 'recall'
    | 'readers'
    | 'react'
    | 'unreact';
  /** What a reader of the call looks at first: the text, or the variables of the card. */
  readonly text: string;
  readonly body: Readonly<Record<string, unknown>>;
}
type Failure = (call: SeenCall) => unknown;

/** DingTalk in memory: every call is kept, and fails when the spec says so. */
export class FakePlatform {
  readonly calls: SeenCall[] = [];
  /** The failure of a call, or undefined when it works. */
  fail: Failure = () => undefined;
  created: CardDelivery = { delivered: true };
  /** Of a call to many: ids that nobody has, and ids of people to be left alone. */
  invalid: readonly string[] = [];
  flowControlled: readonly string[] = [];
  /** Who has read whatever was sent. */
  readers: readonly string[] = [];
  onCall: (call: SeenCall) => void = () => undefined;

  get names(): string[] {
    return this.calls.map(({ name }) => name);
  }

  // The rest of the client opens connections; this is all of it that the sender calls.
  readonly client = {
    tokens: { warm: () => Promise.resolve() },
    cards: {
      create: async (_app: unknown, card: NewCard): Promise<CardDelivery> => {
        await this.take('create', JSON.stringify(card.params), card);
        return this.created;
      },
      stream: (_app: unknown, frame: CardFrame) =>
        this.take(frame.isFinalize ? 'final' : 'stream', frame.content, frame),
      update: (_app: unknown, update: { readonly params: object }) =>
        this.take('update', JSON.stringify(update.params), update),
    },
    webhooks: {
      reply: (
        url: string,
        reply: { readonly markdown: { readonly text: string }; readonly atUserIds?: unknown },
      ) => this.take('webhook', reply.markdown.text, { url, ...reply }),
    },
    robots: {
      sendToUser: (_app: unknown, message: RobotMessage) =>
        this.take('toUser', textOf(message), message),
      sendToUsers: async (
        _app: unknown,
        message: RobotMessage & { readonly userIds: readonly string[] },
      ) => {
        await this.take('toUsers', textOf(message), message);
        const among = (ids: readonly string[]) => message.userIds.filter((id) => ids.includes(id));
        return {
          processQueryKey: this.newKey(),
          invalid: among(this.invalid),
          flowControlled: among(this.flowControlled),
        };
      },
      sendToGroup: async (_app: unknown, message: RobotMessage) => {
        await this.take('toGroup', textOf(message), message);
        return { processQueryKey: this.newKey() };
      },
    },
    reactions: {
      attach: (_app: unknown, to: ReactedMessage) => this.take('react', to.messageId, to),
      recall: (_app: unknown, from: ReactedMessage) => this.take('unreact', from.messageId, from),
    },
    media: {
      upload: async (_app: unknown, media: { readonly name: string }) => {
        await this.take('upload', media.name, media);
        return `@media${(this.uploads += 1)}`;
      },
    },
    sent: {
      recall: async (_app: unknown, what: { readonly keys: readonly string[] }) => {
        await this.take('recall', what.keys.join(), what);
        return { recalled: what.keys, failed: {} };
      },
      readersOf: async (_app: unknown, what: { readonly key: string }) => {
        await this.take('readers', what.key, what);
        return this.readers;
      },
      readersInGroup: async (_app: unknown, what: { readonly key: string }) => {
        await this.take('readers', what.key, what);
        return { userIds: this.readers, nextToken: null };
      },
    },
  } as unknown as DingTalkClient;

  private uploads = 0;
  private keys = 0;
  private readonly newKey = (): string => `key ${(this.keys += 1)}`;

  private take(name: SeenCall['name'], text: string, body: object): Promise<void> {
    const call = { name, text, body: body as SeenCall['body'] };
    this.calls.push(call);
    this.onCall(call);
    const failure = this.fail(call);
    return failure === undefined ? Promise.resolve() : Promise.reject(failure as Error);
  }
}

const textOf = ({ content }: RobotMessage): string =>
  'text' in content ? content.text : content.kind;

/** These calls fail with what `errorOf` makes, the first `times` of them; others work. */
export function failing(
  names: readonly SeenCall['name'][],
  errorOf: () => Error,
  times = Number.POSITIVE_INFINITY,
): Failure {
  let left = times;
  return ({ name }) => (names.includes(name) && left-- > 0 ? errorOf() : undefined);
}
