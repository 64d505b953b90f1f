/** One part of a multipart/form-data body. */
export interface MultipartFile {
  readonly filename: string;
  readonly content: Buffer;
}

/** Finds the file part of that name; undefined when the body is no multipart or has no such part. */
export function multipartFile(
  raw: Buffer,
  contentType: string,
  name: string,
): MultipartFile | undefined {
  const boundary = /boundary="?([^";]+)"?/i.exec(contentType)?.[1];
  if (!boundary) return undefined;
  const mark = Buffer.from(`--${boundary}`);
  let at = raw.indexOf(mark);
  while (at >= 0) {
    const next = raw.indexOf(mark, at + mark.length);
    if (next < 0) return undefined;
    const part = readPart(raw.subarray(at + mark.length, next), name);
    if (part) return part;
    at = next;
  }
  return undefined;
}

function readPart(part: Buffer, name: string): MultipartFile | undefined {
  const end = part.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const head = part.subarray(0, end).toString('utf8');
  if (/[;\s]name="([^"]*)"/.exec(head)?.[1] !== name) return undefined;
  const filename = /filename="([^"]*)"/.exec(head)?.[1] ?? '';
  // The part ends with the line break before the next boundary.
  return { filename, content: part.subarray(end + 4, part.length - 2) };
}
