import { createParser, type EventSourceMessage } from 'eventsource-parser';

const MOST_UNREAD = 4_194_304;

/** The events of a response as they come, those of one read together. */
export async function* sseReads(
  body: AsyncIterable<Uint8Array>,
): AsyncIterable<readonly EventSourceMessage[]> {
  const ready: EventSourceMessage[] = [];
  const parser = createParser({
    onEvent: (event) => void ready.push(event),
    maxBufferSize: MOST_UNREAD,
  });
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    if (ready.length > 0) yield ready.splice(0);
  }
  // A last event whose blank line never came still counts.
  parser.feed(`${decoder.decode()}\n\n`);
  if (ready.length > 0) yield ready;
}

/** The events of a response, one by one. */
export async function* sseEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncIterable<EventSourceMessage> {
  for await (const events of sseReads(body)) yield* events;
}
