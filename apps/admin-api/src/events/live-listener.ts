import type { EventQuery } from './events.dto';
import type { LiveEventRow } from './live-events.repository';

/** Where events go: the response of a request. */
export interface Outlet {
  readonly writableLength: number;
  readonly writableEnded: boolean;
  write(text: string): boolean;
  end(): void;
  destroy(): void;
}

/** What may wait in memory for one listener; who is slower than that is let go, and comes back with its last id. */
export const MAX_BEHIND_BYTES = 512 * 1024;

/** One event in the words of the protocol; made once, however many listen. */
export const frameOf = (id: bigint | string, event: string, data: unknown): string =>
  `id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** What somebody is told first. */
export interface Past {
  /** Where the log ends; everything up to there is told with it. */
  readonly last: bigint;
  readonly before: string;
  readonly missed: readonly LiveEventRow[];
  readonly after: string;
}

/** Somebody who is told what happens in one tenant. */
export class LiveListener {
  private lastId = 0n;
  /** What happens while the past is still being told. */
  private held: [LiveEventRow, string][] | null = [];

  constructor(
    readonly tenantId: string,
    private readonly wanted: Pick<EventQuery, 'types' | 'channelIds'>,
    private readonly outlet: Outlet,
  ) {}

  get isGone(): boolean {
    return this.outlet.writableEnded;
  }

  /** Tells the past, then whatever came meanwhile; from now on the rest as it comes. */
  begin({ last, before, missed, after }: Past): void {
    this.write(before);
    for (const event of missed) this.tell(event, frameOf(event.id, event.type, event.data));
    this.write(after);
    this.lastId = last;
    const held = this.held ?? [];
    this.held = null;
    for (const [event, frame] of held) this.hear(event, frame);
  }

  hear(event: LiveEventRow, frame: string): void {
    if (this.held) {
      this.held.push([event, frame]);
      return;
    }
    if (BigInt(event.id) <= this.lastId) return;
    this.lastId = BigInt(event.id);
    this.tell(event, frame);
  }

  /** Says only how far the log is: so that nobody in between thinks the connection dead, and who comes back comes from here. */
  beat(): void {
    if (!this.held) this.write(`id: ${this.lastId}\n: beat\n\n`);
  }

  end(): void {
    if (!this.isGone) this.outlet.end();
  }

  private tell(event: LiveEventRow, frame: string): void {
    if (this.wants(event)) this.write(frame);
  }

  private wants({ tenant_id, type, channel_id }: LiveEventRow): boolean {
    const { types, channelIds } = this.wanted;
    if (type === 'gap' || (tenant_id !== null && tenant_id !== this.tenantId)) return false;
    if (types && !types.includes(type)) return false;
    return channelIds === undefined || (channel_id !== null && channelIds.includes(channel_id));
  }

  private write(text: string): void {
    if (this.isGone) return;
    this.outlet.write(text);
    // Cut off, not ended: what it has not read yet is not read as the whole.
    if (this.outlet.writableLength > MAX_BEHIND_BYTES) this.outlet.destroy();
  }
}
