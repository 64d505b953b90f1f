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
  const known = Object.entries(raw).flatMap(([name, value]): [string, string][] => {
    if (typeof value === 'string') return [[name, value]];
    return typeof value === 'number' || typeof value === 'boolean' ? [[name, String(value)]] : [];
  });
  return Object.fromEntries(known);
}

function dataOf({ data }: Record<string, unknown>): string {
  if (typeof data === 'string') return data;
  return data === undefined || data === null ? '' : JSON.stringify(data);
}
