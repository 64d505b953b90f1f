import { randomBytes } from 'node:crypto';
import { eventually } from './eventually';
import type { Installation } from './installation';
import type { ChatEntry, SandboxMessage } from './sandbox-client';

export interface Asked {
  readonly msgId: string;
  readonly conversationId: string;
}

/** A finished answer as people see it. */
export type Reply = ChatEntry;

/** One DingTalk app with its channel in Carillon, answered by the spec's model server. */
export class Bot {
  private constructor(
    private readonly installation: Installation,
    readonly clientId: string,
    readonly channelId: string,
    readonly clientSecret: string,
  ) {}

  /** Makes app, channel and agent; resolves when the channel is connected. */
  static async join(
    installation: Installation,
    options: { channel?: object; app?: object; model?: object; connected?: boolean } = {},
  ): Promise<Bot> {
    const { sandbox, admin, model } = installation;
    const clientId = `ding${randomBytes(6).toString('hex')}`;
    const clientSecret = `secret-${randomBytes(12).toString('hex')}`;
    await sandbox.putApp(clientId, { clientSecret, ...options.app });
    const { id: modelId } = await admin.create('/models', {
      name: `model of ${clientId}`,
      provider: 'openai-compatible',
      baseUrl: model.baseUrl,
      apiKey: `sk-${randomBytes(12).toString('hex')}`,
      upstreamModel: 'm',
      ...options.model,
    });
    const { id: agentId } = await admin.create('/agents', {
      name: `agent of ${clientId}`,
      kind: 'llm',
      modelId,
    });
    const { id: channelId } = await admin.create('/channels', {
      name: `bot ${clientId}`,
      clientId,
      clientSecret,
      defaultAgentId: agentId,
      locale: 'en',
      ...options.channel,
    });
    const bot = new Bot(installation, clientId, channelId, clientSecret);
    if (options.connected !== false) await admin.untilState(channelId, 'connected');
    return bot;
  }

  /** A new person of the organisation. */
  async person(options: { external?: boolean } = {}): Promise<string> {
    const userId = `p${randomBytes(5).toString('hex')}`;
    await this.installation.sandbox.putPerson({ userId, name: `Person ${userId}`, ...options });
    return userId;
  }

  /** A new group with the bot and these people in it. */
  async group(memberIds: string[]): Promise<string> {
    const groupId = `g${randomBytes(5).toString('hex')}`;
    await this.installation.sandbox.putGroup({ groupId, title: `Group ${groupId}`, memberIds });
    return groupId;
  }

  ask(from: string, text: string, more: Partial<SandboxMessage> = {}): Promise<Asked> {
    return this.installation.sandbox.post({ from, clientId: this.clientId, text, ...more });
  }

  /**
   * What the bot wrote here: finished cards and messages, oldest first; without the line that says an AI wrote it, and
   * without the word about a place in the queue, which is no end of anything.
   */
  async replies(conversationId: string): Promise<Reply[]> {
    const entries = await this.installation.sandbox.entries(conversationId);
    return entries
      .filter(
        ({ kind, state, clientId, text }) =>
          clientId === this.clientId &&
          ((kind === 'bot' && !text.startsWith('In the queue')) ||
            (kind === 'card' && (state === 'finished' || state === 'failed'))),
      )
      .map((entry) => ({ ...entry, text: withoutMark(entry.text) }));
  }

  /** By their ends: a card that tells a place in the queue is older than the answer it becomes. */
  async repliesByEnd(conversationId: string): Promise<Reply[]> {
    const cards = await this.installation.sandbox.cards(`clientId=${this.clientId}`);
    const ends = new Map(cards.map(({ outTrackId, finishedAt }) => [outTrackId, finishedAt]));
    const endOf = ({ outTrackId = '', at }: Reply): number => ends.get(outTrackId) ?? at;
    return (await this.replies(conversationId)).sort((one, other) => endOf(one) - endOf(other));
  }

  /** Resolves when there are so many replies; more than that is an error. */
  async untilReplies(conversationId: string, count: number, withinMs?: number): Promise<Reply[]> {
    const ask = async () => {
      const replies = await this.replies(conversationId);
      if (replies.length < count) throw new Error(`${replies.length} of ${count} replies`);
      return replies;
    };
    const replies = await eventually(`${count} replies`, ask, withinMs).catch(
      async (error: Error) => {
        throw new Error(`${error.message}\n${await this.installation.openWork()}`, {
          cause: error,
        });
      },
    );
    if (replies.length > count)
      throw new Error(
        `${replies.length} replies instead of ${count}: ${texts(replies).join(' | ')}`,
      );
    return replies;
  }

  /** Asks and waits for the one reply; the conversation must have been quiet before. */
  async answerTo(from: string, text: string, more: Partial<SandboxMessage> = {}): Promise<Reply> {
    const before = await this.countBefore(from, more.groupId);
    const asked = await this.ask(from, text, more);
    const replies = await this.untilReplies(asked.conversationId, before + 1);
    return replies.at(-1) as Reply; // there is one
  }

  /** Resolves when the card of this conversation shows words of the running answer. */
  untilWords(conversationId: string, words: string, withinMs?: number): Promise<unknown> {
    const ask = async () => {
      const entries = await this.installation.sandbox.entries(conversationId);
      return entries.some(({ kind, text }) => kind === 'card' && text.includes(words));
    };
    return eventually(`the card shows "${words}"`, ask, withinMs);
  }

  /** Resolves when the bot's newest card has had so many frames. */
  untilFrames(count: number): Promise<unknown> {
    return eventually(`${count} frames`, async () => {
      const cards = await this.installation.sandbox.cards(`clientId=${this.clientId}`);
      return (cards.at(-1)?.frames.length ?? 0) >= count;
    });
  }

  /** The connections of this bot's app. */
  connections(): Promise<{ id: string }[]> {
    return this.installation.sandbox.connections(this.clientId);
  }

  private async countBefore(from: string, groupId: string | undefined): Promise<number> {
    const { sandbox } = this.installation;
    const all = await sandbox.call<
      { id: string; userId: string | null; clientId: string | null; groupId: string | null }[]
    >('GET', '/conversations');
    const here = all.find((one) =>
      groupId ? one.groupId === groupId : one.userId === from && one.clientId === this.clientId,
    );
    return here ? (await this.replies(here.id)).length : 0;
  }
}

export const texts = (replies: readonly Reply[]): string[] => replies.map(({ text }) => text);

/** The mark that answers carry unless a channel has its own. */
export const aiMark = 'AI-generated';
const withoutMark = (text: string): string =>
  text.endsWith(`\n\n${aiMark}`) ? text.slice(0, -aiMark.length - 2) : text;
