import type { DocumentTrouble } from './document.errors';

/** How much of a document is read. */
export interface ReadingLimits {
  /** Characters that are kept. */
  readonly maxCharacters: number;
  readonly maxPages: number;
  /** Of everything in an archive together. */
  readonly maxInflatedBytes: number;
}

export const READING_LIMITS: ReadingLimits = {
  maxCharacters: 200_000,
  maxPages: 300,
  maxInflatedBytes: 100 * 1024 * 1024,
};

/** What was found out about a file by looking into it. */
export interface Reading {
  /** By its content, and by its name only where the content tells nothing. */
  readonly mediaType: string;
  /** Null: an image, or nothing that can be read. */
  readonly text: string | null;
  readonly trouble: DocumentTrouble | null;
  readonly detail: {
    /** Pages, slides or sheets there are, and how many of them were read. */
    readonly pages?: number;
    readonly pagesRead?: number;
    /** Whether there was more text than is kept. */
    readonly isCut?: boolean;
    /** Pixels of an image. */
    readonly width?: number;
    readonly height?: number;
  };
}
