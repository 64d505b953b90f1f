import { asObject } from '../wire/tolerant';

/** A frame as the socket brought it; `type` may be anything. */
export interface RawFrame {
  readonly type: string;
  readonly topic: string;
  /** '' when the frame had none: then nothing can be acknowledged. */
  readonly messageId: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly data: string;
}

/**
 * Reads a text frame; null when it is none of ours (C24). Tolerates a missing `specVersion`, `messageId` and `data`,
 * numbers in headers, data that was not stringified, and `header` for `headers`, as one official sample has it.
 */
export function readFrame(text: string): RawFrame | null {
  const frame = asObject(text);
  const rawHeaders = asObject(frame?.['headers']) ?? asObject(frame?.['header']);
  if (!frame || !rawHeaders) return null;
  const headers = textHeaders(rawHeaders);
  const { topic, messageId } = headers;
  if (topic === undefined || typeof frame['type'] !== 'string') return null;
  return { type: frame['type'], topic, messageId: messageId ?? '', headers, data: dataOf(frame) };
}

function textHeaders(raw: Record<string, unknown>): Record<string, string> {
  // Without a prototype: a header may have any name.
  const headers = Object.create(null) as Record<string, string>;
  for (const name of Object.keys(raw)) {
    const value = raw[name];
    if (typeof value === 'string') headers[name] = value;
    else if (typeof value === 'number' || typeof value === 'boolean') headers[name] = String(value);
  }
  return headers;
}

function dataOf({ data }: Record<string, unknown>): string {
  if (typeof data === 'string') return data;
  return data === undefined || data === null ? '' : JSON.stringify(data);
}
