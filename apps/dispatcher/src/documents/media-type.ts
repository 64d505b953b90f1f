const OCTETS = 'application/octet-stream';
const OFFICE = 'application/vnd.openxmlformats-officedocument';
export const PDF = 'application/pdf';
export const ZIP = 'application/zip';
export const DOCX = `${OFFICE}.wordprocessingml.document`;
export const XLSX = `${OFFICE}.spreadsheetml.sheet`;
export const PPTX = `${OFFICE}.presentationml.presentation`;

type Test = (bytes: Buffer) => boolean;
const begins =
  (...magic: readonly (number | string)[]): Test =>
  (bytes) =>
    bytes.subarray(0, 16).includes(Buffer.concat(magic.map(bytesOf))) &&
    bytes.indexOf(Buffer.concat(magic.map(bytesOf))) === 0;
const has =
  (at: number, word: string): Test =>
  (bytes) =>
    bytes.toString('latin1', at, at + word.length) === word;
const all =
  (...tests: readonly Test[]): Test =>
  (bytes) =>
    tests.every((test) => test(bytes));
const bytesOf = (part: number | string): Buffer =>
  typeof part === 'number' ? Buffer.of(part) : Buffer.from(part, 'latin1');

/** By their first bytes: what servers and people call files is often wrong. */
const MAGIC: readonly (readonly [string, Test])[] = [
  ['image/png', begins(0x89, 'PNG\r\n')],
  ['image/jpeg', begins(0xff, 0xd8, 0xff)],
  ['image/gif', begins('GIF8')],
  ['image/webp', all(begins('RIFF'), has(8, 'WEBP'))],
  ['image/bmp', all(begins('BM'), (bytes) => bytes.length > 30 && bytes.readUInt32LE(6) === 0)],
  [PDF, (bytes) => bytes.subarray(0, 1_024).includes('%PDF-')],
  [ZIP, begins('PK', 3, 4)],
  // Old Office files, and new ones behind a password.
  ['application/x-ole-storage', begins(0xd0, 0xcf, 0x11, 0xe0)],
  ['audio/amr', begins('#!AMR')],
  ['audio/ogg', begins('OggS')],
  ['audio/wav', all(begins('RIFF'), has(8, 'WAVE'))],
  ['audio/mpeg', begins('ID3')],
  ['audio/mpeg', (bytes) => bytes[0] === 0xff && ((bytes[1] ?? 0) & 0xe6) === 0xe2],
  ['video/mp4', has(4, 'ftyp')],
];

/** Texts have no magic; their names say of which kind. */
const TEXTS: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  htm: 'text/html',
  html: 'text/html',
  json: 'application/json',
  md: 'text/markdown',
  xml: 'application/xml',
  yaml: 'application/yaml',
  yml: 'application/yaml',
};

/** What kind of file this is. A text is any file without NUL that decodes (see `read-text`). */
export function mediaTypeOf(bytes: Buffer, name: string | null): string {
  const found = MAGIC.find(([, test]) => test(bytes));
  if (found) return found[0];
  const isWide = bytes.subarray(0, 2).equals(Buffer.of(0xff, 0xfe));
  if (!isWide && bytes.subarray(0, 64 * 1024).includes(0)) return OCTETS;
  return TEXTS[name?.split('.').pop()?.toLowerCase() ?? ''] ?? 'text/plain';
}

export const isText = (mediaType: string): boolean =>
  mediaType.startsWith('text/') || Object.values(TEXTS).includes(mediaType);
