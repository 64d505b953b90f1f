import { Injectable } from '@nestjs/common';

import { fileReason } from '@common/domain';
import { AppError } from '@common/kernel';
import { Logger } from '@common/logging';

import type { HistoryMessage } from '../agents/agent.port';
import type { AttachedMessage } from './attached-history';
import { type Attachment, isPicture, pictureTrouble } from './attachment';

type Image = NonNullable<HistoryMessage['images']>[number];

/** Makes of a message what a language model is given: its words, the pictures it can be shown, a word for the others. */
@Injectable()
export class Pictures {
  constructor(private readonly logger: Logger) {}

  async shown(message: AttachedMessage): Promise<HistoryMessage> {
    const { role, text, attachments } = message;
    const pictures = attachments.filter((file) => isPicture(file) && file.isStored);
    if (pictures.length === 0) return { role, text };
    const images: Image[] = [];
    const notes: string[] = [];
    for (const file of pictures) {
      const image = message.pictures.includes(file) ? await this.load(file) : null;
      if (image) images.push(image);
      else notes.push(noteOn(file));
    }
    return { role, text: [text, ...notes].join('\n\n'), images };
  }

  /** A picture that is not in the store any more is no reason not to answer. */
  private async load(file: Attachment): Promise<Image | null> {
    try {
      const base64 = (await file.read()).toString('base64');
      const { id, mediaType } = file;
      return { kind: 'image', mediaType, base64, id, label: labelOf(file) };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      this.logger.warn('picture not read', { fileId: file.id, error });
      return null;
    }
  }
}

const labelOf = ({ kind, n }: Attachment): string => `${kind} ${n}`;

function noteOn(file: Attachment): string {
  const trouble = pictureTrouble(file);
  const why = trouble === null ? 'there is no room for it' : fileReason(trouble, 'en');
  return `[${labelOf(file)} is not shown: ${why}]`;
}
