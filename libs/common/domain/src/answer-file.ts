/** What the platform takes of a file in an answer (messaging reference §4.7), by the ending of its name. */
const kinds = {
  image: { endings: ['jpg', 'jpeg', 'gif', 'png', 'bmp'], maxBytes: 20 * 1024 * 1024 },
  file: {
    endings: ['doc', 'docx', 'xls', 'xlsx', 'ppt', 'pptx', 'zip', 'pdf', 'rar'],
    maxBytes: 20 * 1024 * 1024,
  },
} as const;
export type AnswerFileKind = keyof typeof kinds;

/** Of any kind. */
export const MAX_ANSWER_FILE_BYTES = 20 * 1024 * 1024;
export const MAX_ANSWER_FILES = 10;

/** Endings of names that came without one. */
const endingsOfTypes: Readonly<Record<string, string>> = {
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
  'image/png': 'png',
  'image/bmp': 'bmp',
  'application/pdf': 'pdf',
  'application/zip': 'zip',
  'application/msword': 'doc',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document': 'docx',
  'application/vnd.ms-excel': 'xls',
  'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet': 'xlsx',
  'application/vnd.ms-powerpoint': 'ppt',
  'application/vnd.openxmlformats-officedocument.presentationml.presentation': 'pptx',
};

/** A name as people are shown it: no path, no control characters, with an ending. */
export function answerFileName(name: string, mediaType: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';

  const clean = last
    .replace(/[\u0000-\u001f\u007f<>:"|?*[\]()]/g, '')
    .trim()
    .slice(-100);
  const ending = endingsOfTypes[mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? ''];
  const stem = clean === '' ? 'file' : clean;
  return /\.\w{1,8}$/.test(stem) || ending === undefined ? stem : `${stem}.${ending}`;
}

export const endingOf = (name: string): string =>
  /\.(\w{1,8})$/.exec(name)?.[1]?.toLowerCase() ?? '';

/** Null: the platform takes no such file. */
export function answerFileKind(name: string): AnswerFileKind | null {
  const ending = endingOf(name);
  const found = Object.entries(kinds).find(([, { endings }]) =>
    (endings as readonly string[]).includes(ending),
  );
  return (found?.[0] as AnswerFileKind | undefined) ?? null;
}

/** How a text says where an image of its answer stands, until the platform has given it a name. */
export const attachmentRef = (n: number): string => `attachment:${n}`;
