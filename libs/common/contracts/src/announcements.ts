import { z } from 'zod';

/**
 * The control plane (design §6): news that make things faster. Nobody depends on them, everybody also reconciles from
 * Postgres every 15 s.
 */
export const announcements = {
  /** A channel was created, changed, enabled, disabled or deleted. */
  'channel.changed': z.object({ channelId: z.uuid() }),
  /** Open this channel's connection anew. */
  'channel.restart': z.object({ channelId: z.uuid() }),
  /** Somebody asked to stop this turn (the row already says so). */
  'turn.cancel': z.object({ turnId: z.uuid() }),
  /** A gateway has come, wants to leave, or has taken channels over. */
  'gateway.changed': z.object({ gatewayId: z.uuid() }),
  'agent.changed': z.object({ agentId: z.uuid() }),
} as const;

export type AnnouncementName = keyof typeof announcements;
export type Announcement<N extends AnnouncementName> = z.infer<(typeof announcements)[N]>;

/** Says a piece of news to every process. Never throws: the news is a convenience. */
export abstract class Announcer {
  abstract announce<N extends AnnouncementName>(name: N, news: Announcement<N>): Promise<void>;
}
