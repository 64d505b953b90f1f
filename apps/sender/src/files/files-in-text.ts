import { attachmentRef, type Locale, say, type SentenceKey } from '@common/domain';

import type { AnswerFileRow } from './answer-file.repository';

const reasons: Readonly<Record<string, SentenceKey>> = {
  file_too_large: 'fileTooLarge',
  file_type_unsupported: 'fileTypeUnsupported',
};

/**
 * The text of an answer with its images: where it names one, else below it. A file that cannot be had leaves a line that
 * says so. The same rows give the same text, whoever shows it.
 */
export function withFiles(text: string, files: readonly AnswerFileRow[], locale: Locale): string {
  let whole = text;
  const below: string[] = [];
  for (const file of files) {
    const isNamed = whole.includes(`](${attachmentRef(file.n)})`);
    const shown = shownAs(file, locale);
    if (isNamed) whole = replaced(whole, file, shown);
    else if (shown !== '') below.push(shown);
  }
  return [whole, ...below].join('\n\n');
}

/** An image as Markdown; nothing for a file, which is a message of its own; a line for what is not there. */
function shownAs({ kind, name, mediaId, state, errorCode }: AnswerFileRow, locale: Locale): string {
  if (state === 'failed') {
    const why = say(reasons[errorCode ?? ''] ?? 'fileUnreachable', locale);
    return say('fileNotShown', locale, { name, why });
  }
  return kind === 'image' && mediaId !== null ? `![${name}](${mediaId})` : '';
}

function replaced(text: string, { n, kind, mediaId, state }: AnswerFileRow, shown: string): string {
  const ref = attachmentRef(n);
  if (kind === 'image' && mediaId !== null && state !== 'failed')
    return text.replaceAll(`](${ref})`, `](${mediaId})`);
  return text.replace(new RegExp(`!?\\[[^\\]\\n]*\\]\\(${ref}\\)`, 'g'), () => shown);
}
