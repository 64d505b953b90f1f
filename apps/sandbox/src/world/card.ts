import { type CardTemplate } from './templates';

export type CardState = 'processing' | 'inputting' | 'finished' | 'failed';

/** One streaming call as it was applied or refused. */
export interface CardFrame {
  readonly at: number;
  readonly guid: string;
  /** UTF-16 units of the content. */
  readonly contentLength: number;
  readonly isFinalize: boolean;
  readonly isError: boolean;
  readonly applied: boolean;
}

/** Where a card is visible. */
export interface CardSpace {
  readonly spaceType: 'IM_GROUP' | 'IM_ROBOT';
  readonly spaceId: string;
  readonly conversationId: string;
  readonly carrierId: string;
}

const MAX_FRAMES = 500;
const FLOW_STATES: Readonly<Record<string, CardState>> = {
  '1': 'processing',
  '2': 'inputting',
  '3': 'finished',
  '5': 'failed',
};

/** One card instance and its life (messaging reference §6.6). */
export class Card {
  state: CardState = 'processing';
  params: Record<string, string>;
  privateData: Record<string, Record<string, string>> = {};
  readonly spaces: CardSpace[] = [];
  readonly frames: CardFrame[] = [];
  readonly appliedGuids = new Set<string>();
  finishedAt: number | null = null;
  /** Set once a streaming call was applied. */
  streamed = false;
  /** The stream was ended by isFinalize or isError; variable updates are still allowed, streaming is not. */
  streamEnded = false;
  /** Card callbacks of this card that wait for their ack (C92). */
  openCallbacks = 0;
  atUserIds: Record<string, string> = {};

  constructor(
    readonly outTrackId: string,
    readonly clientId: string,
    readonly template: CardTemplate,
    readonly callbackType: string | undefined,
    params: Record<string, string>,
    readonly openedAt: number,
  ) {
    this.params = { ...params };
    this.followFlowStatus(openedAt);
  }

  /** Replaces or merges the variables. By default it overwrites: what is not sent disappears (C91). */
  update(params: Record<string, string>, byKey: boolean, at: number): void {
    this.params = byKey ? { ...this.params, ...params } : { ...params };
    if ('flowStatus' in params) this.followFlowStatus(at);
  }

  /** Applies one streaming call. The caller has checked it. */
  stream(
    frame: {
      guid: string;
      content: string;
      isFull: boolean;
      isFinalize: boolean;
      isError: boolean;
    },
    at: number,
  ): void {
    const key = this.template.streamingKey ?? 'content';
    const before = frame.isFull ? '' : (this.params[key] ?? '');
    // Samples send "" with isError: it ends the stream and keeps what is shown.
    const keepsText = frame.isError && frame.content === '';
    if (!keepsText) this.params[key] = before + frame.content;
    this.streamed = true;
    this.appliedGuids.add(frame.guid);
    this.record(frame, true, at);
    if (frame.isError) return this.end('failed', at);
    if (frame.isFinalize) return this.end('finished', at);
    this.state = 'inputting';
  }

  /** Keeps a frame in the list; the oldest go first. */
  record(
    frame: { guid: string; content: string; isFinalize: boolean; isError: boolean },
    applied: boolean,
    at: number,
  ): void {
    const { guid, content, isFinalize, isError } = frame;
    this.frames.push({ at, guid, contentLength: content.length, isFinalize, isError, applied });
    if (this.frames.length > MAX_FRAMES) this.frames.shift();
  }

  get isOpen(): boolean {
    const isAiCard = this.template.streamingKey !== undefined;
    return isAiCard && this.state !== 'finished' && this.state !== 'failed';
  }

  /** What people read. `blankAbove`: a longer finished text renders empty (C87); 0 = never. */
  visibleText(blankAbove: number): string {
    const streamed = this.params[this.template.streamingKey ?? ''] ?? '';
    if (this.isOpen) return streamed;
    const text = this.template.finished(this.params);
    return blankAbove > 0 && [...text].length > blankAbove ? '' : text;
  }

  private end(state: 'finished' | 'failed', at: number): void {
    this.streamEnded = true;
    this.state = state;
    this.finishedAt ??= at;
  }

  private followFlowStatus(at: number): void {
    if (!this.template.flowStatus) return;
    const next = FLOW_STATES[this.params['flowStatus'] ?? ''];
    if (!next) return;
    this.state = next;
    this.finishedAt = next === 'finished' || next === 'failed' ? (this.finishedAt ?? at) : null;
  }
}
