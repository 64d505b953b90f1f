import { FormData } from 'undici';
import { z } from 'zod';

import { AppError } from '@common/kernel';

import { type Attachment, isPicture } from '../attachments/attachment';
import { ModelError } from '../models/model.errors';

/** Most files of one question that Dify is given. */
const MOST = 5;

/** A file of a question, as `chat-messages` wants it. */
export interface DifyFile {
  readonly type: 'image' | 'audio' | 'video' | 'document';
  readonly transfer_method: 'local_file';
  readonly upload_file_id: string;
}

const uploaded = z.looseObject({ id: z.string().min(1) });

/**
 * Uploads the files of a question. Dify may refuse one (its kind, its size, or files at all): it is asked without it then,
 * for the words of documents stand in the question.
 * @param upload posts a form, and gives the answer's JSON. @throws ModelError
 */
export async function difyFiles(
  attachments: readonly Attachment[],
  upload: (form: FormData) => Promise<unknown>,
): Promise<DifyFile[]> {
  const files: DifyFile[] = [];
  for (const file of attachments.filter(({ isStored }) => isStored).slice(0, MOST)) {
    const id = await idOf(file, upload);
    if (id !== null)
      files.push({ type: typeOf(file), transfer_method: 'local_file', upload_file_id: id });
  }
  return files;
}

async function idOf(
  file: Attachment,
  upload: (form: FormData) => Promise<unknown>,
): Promise<string | null> {
  try {
    const form = new FormData();
    const blob = new Blob([new Uint8Array(await file.read())], { type: file.mediaType });
    // undici takes Node's blobs.
    form.append('file', blob, file.name ?? `${file.kind}-${file.n}.${extensionOf(file)}`);
    return uploaded.safeParse(await upload(form)).data?.id ?? null;
  } catch (error) {
    // What may pass, and a key that is refused, are told by the question itself.
    if (error instanceof ModelError || error instanceof AppError) return null;
    throw error;
  }
}

const typeOf = (file: Attachment): DifyFile['type'] => {
  if (isPicture(file)) return 'image';
  if (file.mediaType.startsWith('audio/') || file.kind === 'audio') return 'audio';
  return file.mediaType.startsWith('video/') || file.kind === 'video' ? 'video' : 'document';
};

/** Dify goes by names. */
const extensionOf = ({ mediaType }: Attachment): string =>
  mediaType.split('/')[1]?.replace('jpeg', 'jpg').replace('mpeg', 'mp3') ?? 'bin';
