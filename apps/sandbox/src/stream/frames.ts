import { randomUUID } from 'node:crypto';

export const TOPIC_ROBOT = '/v1.0/im/bot/messages/get';
export const TOPIC_CARD = '/v1.0/card/instances/callback';

/** A frame the platform pushes. All header values are strings, `data` is a string of JSON (§2.2). */
export interface PushFrame {
  readonly specVersion?: string;
  readonly type: 'SYSTEM' | 'EVENT' | 'CALLBACK';
  readonly headers: Readonly<Record<string, string>>;
  readonly data: string;
}

/** What a client answers (§2.3). */
export interface AckFrame {
  readonly code: number;
  readonly messageId: string;
  /** Parsed `data`; undefined when it is no JSON. */
  readonly data: unknown;
}

/** An unlikely-to-repeat id in the platform's look. */
export const newFrameId = (): string => `${randomUUID().replaceAll('-', '_')}`;

export function systemFrame(
  topic: string,
  data: unknown,
  connectionId: string,
  now: number,
): PushFrame {
  return {
    specVersion: '1.0',
    type: 'SYSTEM',
    headers: {
      connectionId,
      contentType: 'application/json',
      messageId: newFrameId(),
      time: String(now),
      topic,
    },
    data: JSON.stringify(data),
  };
}

/** Reads a client frame; undefined when it is no ack at all. */
export function readAck(raw: string): AckFrame | undefined {
  const frame = parse(raw);
  if (typeof frame !== 'object' || frame === null) return undefined;
  const { code, headers, data } = frame as Record<string, unknown>;
  const messageId = (headers as Record<string, unknown> | undefined)?.['messageId'];
  if (typeof code !== 'number' || typeof messageId !== 'string') return undefined;
  return { code, messageId, data: typeof data === 'string' ? parse(data) : data };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined; // The caller reports what it cannot read.
  }
}
