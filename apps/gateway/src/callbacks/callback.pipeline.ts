import { Injectable } from '@nestjs/common';

import { Metrics } from '@common/bootstrap';
import { CallbackRefusedError, type StreamFrame } from '@common/dingtalk';
import { Clock, codeOf } from '@common/kernel';
import { Logger } from '@common/logging';

import { IntakePipeline } from '../intake/intake.pipeline';
import { within } from '../within';
import { BodyRefusedError } from './body-refused.error';
import type { CallbackChannel, CallbackRequest } from './callback-channel';
import { CallbackDirectory } from './callback-directory.service';
import { admissions } from './callback-ways';

export interface CallbackAnswer {
  readonly status: number;
  /** Undefined: nothing, not even why. */
  readonly body?: object;
}

/** The platform waits 1.5 s at some doors (enterprise reference §D.4); this leaves the way to it. */
const DEADLINE_MS = 1_400;
/** One word a minute and channel about callbacks that were refused: anybody can send them. */
const QUIET_MS = 60_000;

const NOT_FOUND: CallbackAnswer = { status: 404 };
const REFUSED: CallbackAnswer = { status: 401 };
/** Any status but 200 makes the platform send an event again. */
const TRY_AGAIN: CallbackAnswer = { status: 503 };

/**
 * Channel → signature → body → journal → answer, in this order. What is not durable is never answered with success (P1);
 * whoever is refused learns nothing of why.
 *
 * Running it twice does no harm: the frame has the same id whichever way and however often it comes.
 */
@Injectable()
export class CallbackPipeline {
  private readonly counter;
  private readonly lastWords = new Map<string, number>();

  constructor(
    private readonly directory: CallbackDirectory,
    private readonly intake: IntakePipeline,
    private readonly clock: Clock,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.counter = metrics.counter(
      'gateway_callbacks_total',
      'HTTP callbacks by way and what became of them',
      ['way', 'result'],
    );
  }

  /** Never rejects. @param readBody reads at most 1 MB; it is called only for those who may have their body read */
  async answer(request: CallbackRequest, readBody: () => Promise<string>): Promise<CallbackAnswer> {
    try {
      const channel = await this.directory.find(request.channelId);
      const open = channel && admissions[request.way](channel, request, this.clock.now());
      if (!channel || !open) return this.end(request, 'unknown', NOT_FOUND);
      const { frame, answer } = open(await readBody());
      if (frame && !(await this.isTaken(channel, frame)))
        return this.end(request, 'not_taken', TRY_AGAIN);
      return this.end(request, frame ? 'taken' : 'checked', { status: 200, body: answer() });
    } catch (error) {
      return this.refusal(request, error);
    }
  }

  private async isTaken(channel: CallbackChannel, frame: StreamFrame): Promise<boolean> {
    const reply = await within(this.clock, DEADLINE_MS, this.intake.take(channel, frame));
    return reply?.code === 200;
  }

  private refusal(request: CallbackRequest, error: unknown): CallbackAnswer {
    if (error instanceof BodyRefusedError)
      return this.end(request, error.why, { status: error.status });
    if (error instanceof CallbackRefusedError) {
      this.say(request, error);
      return this.end(request, 'refused', REFUSED);
    }
    this.logger.warn('callback not answered', { way: request.way, code: codeOf(error), error });
    return this.end(request, 'not_taken', TRY_AGAIN);
  }

  /** Only of channels that exist, so that the memory is bounded. */
  private say({ channelId, way }: CallbackRequest, { why }: CallbackRefusedError): void {
    const nowMs = this.clock.now();
    const key = `${channelId.toLowerCase()} ${way}`;
    if (nowMs - (this.lastWords.get(key) ?? -QUIET_MS) < QUIET_MS) return;
    this.lastWords.set(key, nowMs);
    this.logger.warn('callback refused', { channelId, way, why });
  }

  private end({ way }: CallbackRequest, result: string, answer: CallbackAnswer): CallbackAnswer {
    this.counter.inc({ way, result });
    return answer;
  }
}
