/** Why nothing can be read of a document. The codes are those that `message.parts` and people are told by. */
export type DocumentTrouble =
  'file_type_unknown' | 'file_damaged' | 'file_encrypted' | 'file_too_complex' | 'file_no_text';

/** Thrown while reading; crosses no thread: the worker answers with its trouble. */
export class DocumentError extends Error {
  override readonly name = 'DocumentError';

  constructor(readonly trouble: DocumentTrouble) {
    super(trouble);
  }
}
