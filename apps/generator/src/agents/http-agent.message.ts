import { AppError } from '@common/kernel';

import { type Attachment, isPicture } from '../attachments/attachment';
import type { HistoryMessage } from './agent.port';

/** Bytes of one question's files that are sent along; as base64 they are a third more. */
const MOST_BYTES = 10 * 1024 * 1024;

/** A file as an endpoint is told of it. */
interface HttpPart {
  readonly n: number;
  readonly type: 'image' | 'audio' | 'video' | 'file';
  readonly name: string | null;
  readonly mediaType: string;
  readonly bytes: number;
  /** Base64; absent where the file is not sent along. */
  readonly content?: string;
  /** Why it is not. */
  readonly error?: string;
}

/**
 * A message with its files: what they are, and for the question itself their content. The words of documents stand in the
 * text already.
 */
export async function messageOf(
  { role, text, attachments = [] }: HistoryMessage,
  isQuestion: boolean,
): Promise<object> {
  if (attachments.length === 0) return { role, text };
  const parts: HttpPart[] = [];
  let left = isQuestion ? MOST_BYTES : 0;
  for (const file of attachments) {
    const fits = file.isStored && file.bytes <= left;
    if (fits) left -= file.bytes;
    parts.push(await partOf(file, fits, isQuestion));
  }
  return { role, text, parts };
}

async function partOf(file: Attachment, fits: boolean, isQuestion: boolean): Promise<HttpPart> {
  const { n, name, mediaType, bytes, kind } = file;
  const type: HttpPart['type'] = isPicture(file) || kind === 'picture' ? 'image' : kind;
  const part = { n, type, name, mediaType, bytes };
  if (fits) return { ...part, ...(await contentOf(file)) };
  if (!file.isStored) return { ...part, error: file.trouble ?? 'file_unreachable' };
  return isQuestion ? { ...part, error: 'too_large_to_send_along' } : part;
}

/** What is not in the store any more is no reason not to ask. */
async function contentOf(file: Attachment): Promise<Pick<HttpPart, 'content' | 'error'>> {
  try {
    return { content: (await file.read()).toString('base64') };
  } catch (error) {
    if (error instanceof AppError) return { error: error.code };
    throw error;
  }
}
