import type { Card } from '../world/card';
import { ApiError, badRequest } from './api-error';
import { ok, text, type ApiCall, type ApiRoute } from './api-route';
import { cardApi } from './card.routes';
import { outTrackIdOf, ownCard, reportUpdateDuringCallback } from './card-validation';

interface StreamFrame {
  readonly guid: string;
  readonly key: string;
  readonly content: string;
  readonly isFull: boolean;
  readonly isFinalize: boolean;
  readonly isError: boolean;
}

const DONE = ok({ success: true, result: true });

/** `PUT /v1.0/card/streaming`: the newest text of one card (§6.4, C83 – C89). */
export const streamingRoute: ApiRoute = {
  ...cardApi,
  name: 'streaming',
  scope: 'Card.Streaming.Write',
  method: 'PUT',
  path: '/v1.0/card/streaming',
  handle(call) {
    outTrackIdOf(call.body);
    const frame = frameOf(call);
    const card = ownCard(call, 'param.stream.outTrackId');
    if (card.appliedGuids.has(frame.guid)) return DONE;
    checkFrame(call, card, frame);
    reportUpdateDuringCallback(call, card, 'streaming');
    if (card.streamEnded) return afterTheEnd(call, card, frame);
    reportShrinking(call, card, frame);
    card.stream(frame, call.world.now());
    call.world.publish('card', card);
    return DONE;
  },
};

/** @throws ApiError for a missing part (C83); an empty content is accepted (C85) */
function frameOf({ body }: ApiCall): StreamFrame {
  const guid = text(body, 'guid');
  const key = text(body, 'key');
  const content = text(body, 'content');
  if (!guid) throw badRequest('param.stream.guidEmpty', 'guid is empty');
  if (!key) throw badRequest('param.stream.keyEmpty', 'key is empty');
  if (content === undefined) throw badRequest('param.stream.contentEmpty', 'content is empty');
  return {
    guid,
    key,
    content,
    isFull: body['isFull'] === true,
    isFinalize: body['isFinalize'] === true,
    isError: body['isError'] === true,
  };
}

function checkFrame({ world }: ApiCall, card: Card, frame: StreamFrame): void {
  if (frame.key !== card.template.streamingKey) throw new ApiError(500, 'unknownError', '未知错误');
  if (!frame.isFull) throw badRequest('param.stream.isFull', 'markdown needs isFull true');
  const limit = world.settings.contentLimit;
  if (limit > 0 && Buffer.byteLength(frame.content) > limit) {
    throw badRequest('param.stream.content', 'content is too large');
  }
}

/** The real behaviour is unknown, so there are both (C89). Either way it should not have happened. */
function afterTheEnd({ world }: ApiCall, card: Card, frame: StreamFrame) {
  const { outTrackId, clientId } = card;
  world.violation('streamingAfterFinalize', clientId, { outTrackId, guid: frame.guid });
  card.record(frame, false, world.now());
  if (world.settings.streamingAfterFinalize === 'reject') {
    throw badRequest('param.stream.outTrackId', 'card is finished');
  }
  return DONE;
}

/** An older snapshot after a newer one: two writers, or frames out of order (C88). */
function reportShrinking({ world }: ApiCall, card: Card, frame: StreamFrame): void {
  const shown = card.params[frame.key] ?? '';
  if (!card.streamed || frame.isError || !isOlderSnapshot(shown, frame.content)) return;
  const { outTrackId, clientId } = card;
  const detail = { outTrackId, from: shown.length, to: frame.content.length, guid: frame.guid };
  world.violation('shorterAfterLonger', clientId, detail);
}

/** A new version of the answer may be shorter, but it does not begin like the old one goes on. */
export function isOlderSnapshot(shown: string, next: string): boolean {
  if (next.length >= shown.length) return false;
  // Intermediate frames may carry a code fence closed for the moment.
  const core = next.replace(/(\n?`{3,}|<br>|\s)+$/, '');
  return shown.startsWith(core) && shown.length - next.length > 4;
}
