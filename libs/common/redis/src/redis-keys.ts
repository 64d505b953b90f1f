/** Every Redis key and channel we own, in one place. BullMQ's live under `queuePrefix`. */
export class RedisKeys {
  constructor(private readonly prefix: string) {}

  /** In braces: all keys of the queues share one slot of a Cluster, as BullMQ's scripts need. */
  get queuePrefix(): string {
    return `{${this.prefix}}`;
  }

  /** Pub/sub channel of the control plane. */
  get announcements(): string {
    return `${this.prefix}:announcements`;
  }

  /** Pub/sub channel on which generators tell senders of first words and ends. */
  get replyNews(): string {
    return `${this.prefix}:reply-news`;
  }

  /** The running words of one attempt at a turn (a stream that lives an hour). */
  replyStream(turnId: string, attempt: number): string {
    return `${this.prefix}:reply:${turnId}:${attempt}`;
  }

  /** Events that wait for Postgres, sealed (a stream). In braces with the next one: one slot of a Cluster. */
  get spill(): string {
    return `{${this.prefix}:spill}:waiting`;
  }

  /** Those of them that cannot be read or written, kept for an operator (a stream). */
  get spillSetAside(): string {
    return `{${this.prefix}:spill}:set-aside`;
  }

  /** Sealed access token of one app. */
  accessToken(clientId: string): string {
    return `${this.prefix}:token:${clientId}`;
  }

  /** What one app may still send: on one API path template (the platform's own rule), or as a whole. One Cluster slot. */
  budget(clientId: string, path?: string): string {
    return `${this.prefix}:budget:{${clientId}}${path === undefined ? '' : `:${path}`}`;
  }

  /** Links to files that one app asked for in the second of that number. */
  fileLinks(clientId: string, second: number): string {
    return `${this.prefix}:file-links:{${clientId}}:${second}`;
  }

  /** Calls of one egress address in the period of that number. */
  egressCalls(egress: string, period: number): string {
    return `${this.prefix}:egress:{${egress}}:${period}`;
  }

  /** Until when no call may leave one egress address (ms since the epoch). */
  egressStop(egress: string): string {
    return `${this.prefix}:egress:{${egress}}:stop`;
  }

  /** Who of the gateways lives and who holds which channel. In braces: one script sees them all, in a Cluster too. */
  get gateways(): GatewayKeys {
    const tag = `{${this.prefix}:gateways}`;
    return {
      members: `${tag}:members`,
      leases: `${tag}:leases`,
      epoch: `${tag}:epoch`,
      version: `${tag}:version`,
    };
  }
}

export interface GatewayKeys {
  /** Hash: gateway → when it was last seen, and whether it leaves. */
  readonly members: string;
  /** Hash: channel (and seat) → holder, fencing token, since when. */
  readonly leases: string;
  /** Made when Redis is empty, so that a wiped one is noticed. */
  readonly epoch: string;
  /** Raised by every change; the source of the fencing tokens. */
  readonly version: string;
}
