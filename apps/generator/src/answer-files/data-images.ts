import { attachmentRef, MAX_ANSWER_FILES } from '@common/domain';

import type { AnswerFile } from './answer-file';

const DATA_IMAGE =
  /!\[([^\]\n]{0,200})\]\(\s*data:(image\/[\w.+-]{1,40});base64,([A-Za-z0-9+/=\s]+?)\s*\)/g;

/**
 * Takes the images out of a Markdown text that stand in it as data: they become files, and the text says where each
 * belongs. More than an answer may have become their alternative text.
 * @param first number of the first one
 */
export function takeDataImages(
  text: string,
  first: number,
): { readonly text: string; readonly files: readonly AnswerFile[] } {
  if (!text.includes('](data:') && !/\]\(\s+data:/.test(text)) return { text, files: [] };
  const files: AnswerFile[] = [];
  const without = text.replace(
    DATA_IMAGE,
    (_whole, alt: string, mediaType: string, data: string) => {
      const n = first + files.length;
      if (n > MAX_ANSWER_FILES) return alt;
      files.push({ name: alt, mediaType, from: { base64: data.replace(/\s/g, '') } });
      return `![${alt}](${attachmentRef(n)})`;
    },
  );
  return { text: without, files };
}
