import type { Card } from '../world/card';
import type { Conversation, Entry } from '../world/conversation.types';
import { buttonsOf } from '../world/templates';
import type { World } from '../world/world';

/** A card as the control API and the page show it. */
export function describeCard(world: World, card: Card) {
  const { outTrackId, clientId, state, openedAt, finishedAt, params, frames, template } = card;
  return {
    outTrackId,
    clientId,
    template: template.id,
    callbackType: card.callbackType ?? null,
    /** The first place; a card may be in several. */
    space: card.spaces[0] ?? null,
    spaces: card.spaces,
    state,
    isOpen: card.isOpen,
    openedAt,
    finishedAt,
    text: card.visibleText(world.settings.blankAbove),
    params,
    privateData: card.privateData,
    frames,
  };
}

/** What people see of one entry; a card comes with its present content. */
export function describeEntry(world: World, entry: Entry) {
  if (entry.kind !== 'card') return entry;
  const card = world.cards.get(entry.clientId, entry.outTrackId);
  return {
    ...entry,
    state: card?.state ?? 'failed',
    text: card?.visibleText(world.settings.blankAbove) ?? '',
    params: card?.params ?? {},
    buttons: buttonsOf(card?.params ?? {}),
    isAiCard: card?.template.streamingKey !== undefined,
    hasActions: card?.callbackType === 'STREAM',
  };
}

export function describeConversation(world: World, conversation: Conversation) {
  const { id, type, userId, clientId, groupId } = conversation;
  const { directory } = world;
  const entries = world.conversations.entries(id);
  const title = groupId
    ? directory.group(groupId)?.title
    : `${directory.person(userId ?? '')?.name} · ${directory.app(clientId ?? '')?.name}`;
  return {
    id,
    type,
    title: title ?? id,
    userId: userId ?? null,
    clientId: clientId ?? null,
    groupId: groupId ?? null,
    count: entries.length,
    lastAt: entries.at(-1)?.at ?? null,
  };
}
