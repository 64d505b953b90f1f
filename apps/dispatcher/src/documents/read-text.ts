import { DocumentError } from './document.errors';

/** Of what people in China send, what is not UTF-8 is GB 18030. */
const ENCODINGS = ['utf-8', 'gb18030'] as const;

/** @throws DocumentError when it is no text in any encoding we know */
export function readText(bytes: Buffer): string {
  if (bytes.subarray(0, 2).equals(Buffer.of(0xff, 0xfe))) return decode(bytes, 'utf-16le') ?? '';
  for (const encoding of ENCODINGS) {
    const text = decode(bytes, encoding);
    if (text !== null) return text;
  }
  throw new DocumentError('file_type_unknown');
}

function decode(bytes: Buffer, encoding: string): string | null {
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (error) {
    // TypeError is how a decoder says no.
    if (error instanceof TypeError) return null;
    throw error;
  }
}
