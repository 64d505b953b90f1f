import type { BotEntry, Mention } from '../world/conversation.types';
import type { World } from '../world/world';
import type { MessageView } from './message-view';

interface BotMessage {
  readonly conversationId: string;
  readonly clientId: string | null;
  /** Default: the app's name. */
  readonly name?: string;
  readonly way: BotEntry['way'];
  readonly view: MessageView;
  readonly mentions: readonly Mention[];
  readonly processQueryKey?: string;
}

/** Puts a bot's message where people see it. */
export function postBotMessage(world: World, message: BotMessage): void {
  const { conversationId, clientId, way, view, mentions } = message;
  const entry: BotEntry = {
    kind: 'bot',
    id: world.conversations.newEntryId(),
    at: world.now(),
    clientId,
    name: message.name ?? world.directory.app(clientId ?? '')?.name ?? clientId ?? '',
    way,
    ...view,
    mentions,
    processQueryKey: message.processQueryKey ?? null,
    recalled: false,
  };
  world.conversations.add(conversationId, entry);
  world.publish('entry', { conversationId, entry });
}
