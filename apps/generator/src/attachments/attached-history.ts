import type { SessionMessage } from '../context/context.repository';
import { type Attachment, isPicture, pictureTrouble } from './attachment';
import { attachmentText } from './attachment-text';
import { fileIdsOf } from './attachments.service';

/** Of the room of a context: what files of the question may take, and those of earlier messages together. */
const QUESTION_SHARE = 0.6;
const PAST_SHARE = 0.2;
/** Pictures that a model is shown at once, the newest ones. */
const MOST_PICTURES = 8;
const MOST_PICTURE_BYTES = 10_000_000;

/** A message with what came with it. */
export interface AttachedMessage extends SessionMessage {
  readonly attachments: readonly Attachment[];
  /** Those of them that a model with eyes is shown. */
  readonly pictures: readonly Attachment[];
}

/**
 * Puts the words of documents below the messages they came with, and chooses the pictures that are shown: the question's
 * first, then those of the newest messages.
 * @param room tokens of the whole context
 */
export function attached(
  messages: readonly SessionMessage[],
  files: ReadonlyMap<string, Attachment>,
  room: number,
): AttachedMessage[] {
  const now = messages.at(-1)?.seq;
  let past = Math.floor(room * PAST_SHARE);
  const left = { pictures: MOST_PICTURES, bytes: MOST_PICTURE_BYTES };
  const newestFirst = [...messages].reverse().map((message): AttachedMessage => {
    const its = message.parts.flatMap(fileIdsOf).flatMap((id) => files.get(id) ?? []);
    if (its.length === 0) return { ...message, attachments: [], pictures: [] };
    const isQuestion = message.seq === now;
    const share = isQuestion ? (room * QUESTION_SHARE) / documentsIn(its) : past;
    const blocks: string[] = [];
    for (const file of its) {
      const block = attachmentText(file, isQuestion ? share : past);
      if (!isQuestion) past = Math.max(0, past - block.length / 2);
      if (block !== '') blocks.push(block);
    }
    const shown = its.filter((file) => isPicture(file) && pictureTrouble(file) === null);
    const chosen = shown.filter(({ bytes }) => {
      const fits = left.pictures > 0 && left.bytes >= bytes;
      if (fits) Object.assign(left, { pictures: left.pictures - 1, bytes: left.bytes - bytes });
      return fits;
    });
    const text = [message.text, ...blocks].filter((block) => block !== '').join('\n\n');
    return { ...message, text, attachments: its, pictures: chosen };
  });
  return newestFirst.reverse();
}

const documentsIn = (files: readonly Attachment[]): number =>
  Math.max(1, files.filter(({ text }) => text !== null).length);
