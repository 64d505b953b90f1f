import { Parser } from 'htmlparser2';

import type { Reading, ReadingLimits } from './reading';
import { TextCollector } from './text-collector';

const SLIDE = /^ppt\/slides\/slide(\d+)\.xml$/;
export const isSlide = (name: string): boolean => SLIDE.test(name);

/** The words of a presentation, slide by slide. */
export function readSlides(
  contents: ReadonlyMap<string, Buffer>,
  { maxCharacters, maxPages }: ReadingLimits,
): Pick<Reading, 'text' | 'detail'> {
  const slides = [...contents]
    .map(([name, xml]) => ({ n: Number(SLIDE.exec(name)?.[1]), xml }))
    .sort((a, b) => a.n - b.n);
  const collector = new TextCollector(maxCharacters);
  let read = 0;
  for (const { n, xml } of slides.slice(0, maxPages)) {
    if (collector.isFull) break;
    const words = paragraphsOf(xml.toString('utf8'));
    if (words !== '') collector.add(`[slide ${n}]\n${words}`);
    read += 1;
  }
  const { text, isCut } = collector;
  return { text, detail: { pages: slides.length, pagesRead: read, ...(isCut ? { isCut } : {}) } };
}

/** `a:p` is a paragraph, `a:t` its words (ECMA-376). No entity beyond XML's own is known to the parser. */
function paragraphsOf(xml: string): string {
  let words = '';
  let isWord = false;
  const parser = new Parser(
    {
      onopentag: (name) => {
        isWord = name === 'a:t';
        if (name === 'a:br') words += '\n';
      },
      ontext: (text) => {
        if (isWord) words += text;
      },
      onclosetag: (name) => {
        isWord = false;
        if (name === 'a:p') words += '\n';
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(xml);
  return words.replace(/\n{2,}/g, '\n').trim();
}
