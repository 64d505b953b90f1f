import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** The events of a response, as they come. */
export async function* sseEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncIterable<EventSourceMessage> {
  const ready: EventSourceMessage[] = [];
  const parser = createParser({
    onEvent: (event) => void ready.push(event),
    maxBufferSize: 4_194_304,
  });
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* ready.splice(0);
  }
  // A last event whose blank line never came still counts.
  parser.feed(`${decoder.decode()}\n\n`);
  yield* ready.splice(0);
}
