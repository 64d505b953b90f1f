import { AppError } from '@common/kernel';

/** Others of this channel are waiting for the network already: this job comes again, and keeps no worker until then. */
export class ChannelBusyError extends AppError {
  readonly code = 'channel_busy';
  readonly retry = { afterMs: 1_000 };

  constructor() {
    super('enough of this channel waits already');
  }
}

/** Workers that one channel may keep waiting for the network, in this process: the others are for the others. */
export class ChannelShare {
  private readonly taken = new Map<string, number>();

  constructor(private readonly most: number) {}

  /** @returns gives the place back; call it once. @throws ChannelBusyError when there is none */
  take(channelId: string): () => void {
    const taken = this.taken.get(channelId) ?? 0;
    if (taken >= this.most) throw new ChannelBusyError();
    this.taken.set(channelId, taken + 1);
    return () => {
      const left = (this.taken.get(channelId) ?? 1) - 1;
      if (left === 0) this.taken.delete(channelId);
      else this.taken.set(channelId, left);
    };
  }
}
