import { Injectable } from '@nestjs/common';

import { say } from '@common/domain';
import { Logger } from '@common/logging';
import { Database } from '@common/persistence';

import { DispatcherConfig } from '../dispatcher.config';
import { ChannelShare } from '../inbound/channel-share';
import { targetOf } from '../inbound/delivery-target';
import type { Aftermath } from '../inbound/follow-up.service';
import { PlainReplies } from '../inbound/plain-replies.service';
import { ThreadLaneRepository } from '../inbound/thread-lane.repository';
import { IdentityFinder } from './identity-finder.service';
import { MemberUnknownError } from './mapping.errors';
import { type KnownMapping, MappingRepository, type Newcomer } from './mapping.repository';
import { identityKey } from './sender-identity';

/** A failed look-up is tried again after this: a flood does not become a flood of look-ups. */
const FAILURE_LASTS_MS = 60_000;
/** What the directory said of a person holds so long. */
const DIRECTORY_HOLDS_MS = 60 * 60_000;

/**
 * Finds out who wrote a message where the channel does not go by staff ids: before its thread is locked, since it may
 * take a call over the network (design §3.2). Whoever cannot be found is told so in one sentence.
 */
@Injectable()
export class Introductions {
  private readonly share: ChannelShare;

  constructor(
    private readonly rows: MappingRepository,
    private readonly finder: IdentityFinder,
    private readonly replies: PlainReplies,
    private readonly lane: ThreadLaneRepository,
    private readonly database: Database,
    private readonly logger: Logger,
    config: DispatcherConfig,
  ) {
    this.share = new ChannelShare(Math.ceil(config.DISPATCHER_CONCURRENCY / 4));
  }

  /**
   * @returns null when the sender is known now; else what their refusal left to do
   * @throws ChannelBusyError when enough look-ups of this channel are under way: their service may be slow
   */
  async introduce(tenantId: string, eventId: string): Promise<Aftermath | null> {
    const newcomer = await this.rows.newcomer(tenantId, eventId);
    if (!newcomer) return {};
    const identity = identityKey(newcomer.message.sender, newcomer.channel.id);
    const known = await this.rows.known(newcomer, identity);
    if (known && isFresh(known, newcomer))
      return known.failure ? this.refuse(newcomer, identity, known.failure) : null;
    const leave = this.share.take(newcomer.channel.id);
    try {
      await this.finder.find(newcomer, (tx, memberId) =>
        this.rows.keep(tx, newcomer, identity, { memberId, failure: null }),
      );
      return null;
    } catch (error) {
      if (!(error instanceof MemberUnknownError)) throw error;
      return this.fail(newcomer, identity, error);
    } finally {
      leave();
    }
  }

  private async fail(
    newcomer: Newcomer,
    identity: string,
    error: MemberUnknownError,
  ): Promise<Aftermath> {
    this.logger.warn('sender not found', {
      channelId: newcomer.channel.id,
      code: error.key,
      error,
    });
    const failure = { key: error.key, values: { ...error.values } };
    await this.database.inTenant(newcomer.tenantId, (tx) =>
      this.rows.keep(tx, newcomer, identity, { memberId: null, failure }),
    );
    return this.refuse(newcomer, identity, failure);
  }

  private refuse(
    newcomer: Newcomer,
    identity: string,
    { key, values }: NonNullable<KnownMapping['failure']>,
  ): Promise<Aftermath> {
    const { tenantId, eventId, channel } = newcomer;
    return this.database.inTenant(tenantId, async (tx) => {
      if (!(await this.rows.take(tx, newcomer))) return {};
      await this.lane.close(tx, tenantId, eventId, key);
      if (!(await this.rows.mayBeRefused(tx, newcomer, identity))) return {};
      const origin = {
        ...{ id: eventId, tenantId, channelId: channel.id, locale: channel.locale },
        target: targetOf(newcomer),
        replyWebhook: newcomer.replyWebhook,
        replyWebhookExpiresAt: newcomer.replyWebhookExpiresAt,
      };
      return { works: [await this.replies.note(origin, say(key, channel.locale, values), tx)] };
    });
  }
}

function isFresh({ failure, ageMs }: KnownMapping, { channel }: Newcomer): boolean {
  const { mode, hook } = channel.mapping;
  if (failure) return ageMs < FAILURE_LASTS_MS;
  if (mode === 'http') return ageMs < (hook?.cacheMinutes ?? 0) * 60_000;
  if (mode === 'email' || mode === 'mobile') return ageMs < DIRECTORY_HOLDS_MS;
  return false;
}
