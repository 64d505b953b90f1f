/** How a question can be found again: `⟦thread·number⟧` in its text, and the same in other brackets at its answer's end. */
export const markOf = (thread: string, number: number): string => `${thread}·${number}`;

export const questionOf = (mark: string): string => `tell me something ⟦${mark}⟧`;

export const endMarkOf = (mark: string): string => `⟪${mark}⟫`;

export const marksIn = (text: string): string[] =>
  [...text.matchAll(/[⟦⟪]([^⟦⟪⟧⟫]+)[⟧⟫]/gu)].map(([, mark]) => mark ?? '');

export const threadOf = (mark: string): string => mark.slice(0, mark.lastIndexOf('·'));
