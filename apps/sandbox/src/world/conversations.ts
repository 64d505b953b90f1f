import { BoundedMap } from './bounded-map';
import type { Conversation, Entry, UserEntry } from './conversation.types';
import type { Directory } from './directory';
import { conversationIdOf } from './ids';

const MAX_CONVERSATIONS = 5_000;
const MAX_ENTRIES = 1_000;

interface Thread extends Conversation {
  entries: Entry[];
}

/** What people see, chat by chat. Bounded: old entries and old chats are forgotten. */
export class Conversations {
  private readonly threads = new BoundedMap<Thread>(MAX_CONVERSATIONS);
  private nextId = 1;

  constructor(private readonly directory: Directory) {}

  /** The 1:1 chat of one person and one app. */
  direct(userId: string, clientId: string): Conversation {
    const id = conversationIdOf('direct', userId, clientId);
    return this.thread(id) ?? this.keep({ id, type: '1', userId, clientId, entries: [] });
  }

  /** The chat of a group. @throws never: unknown groups give undefined */
  ofGroup(groupId: string): Conversation | undefined {
    const group = this.directory.group(groupId);
    if (!group) return undefined;
    const id = group.conversationId;
    return this.thread(id) ?? this.keep({ id, type: '2', groupId, entries: [] });
  }

  find(id: string): Conversation | undefined {
    const group = this.directory.groupByConversation(id);
    return group ? this.ofGroup(group.groupId) : this.thread(id);
  }

  newEntryId(): string {
    return `e${this.nextId++}`;
  }

  add(conversationId: string, entry: Entry): void {
    const thread = this.thread(conversationId);
    if (!thread) return;
    thread.entries.push(entry);
    if (thread.entries.length > MAX_ENTRIES) thread.entries.shift();
  }

  entries(conversationId: string): readonly Entry[] {
    return this.thread(conversationId)?.entries ?? [];
  }

  userMessage(conversationId: string, msgId: string): UserEntry | undefined {
    return this.entries(conversationId).find(
      (entry): entry is UserEntry => entry.kind === 'user' && entry.msgId === msgId,
    );
  }

  /** A sent message or card by its processQueryKey: in several chats when it went to several people at once. */
  sent(processQueryKey: string): { conversation: Conversation; entry: Entry }[] {
    return this.threads
      .values()
      .flatMap((thread) =>
        thread.entries
          .filter((one) => 'processQueryKey' in one && one.processQueryKey === processQueryKey)
          .map((entry) => ({ conversation: thread, entry })),
      );
  }

  list(): Conversation[] {
    return this.threads.values();
  }

  clear(): void {
    this.threads.clear();
  }

  private thread(id: string): Thread | undefined {
    return this.threads.get(id);
  }

  private keep(thread: Thread): Thread {
    this.threads.set(thread.id, thread);
    return thread;
  }
}
