import type { Attachment } from './attachment';

/** A stored text document; say what is different. */
export const anAttachment = (overrides: Partial<Attachment> = {}): Attachment => ({
  ...{ id: '0193f8e0-0000-7000-8000-0000000000f1', n: 1, kind: 'file', name: 'notes.txt' },
  ...{ isStored: true, trouble: null, mediaType: 'text/plain', bytes: 5, text: 'Noon.' },
  detail: {},
  read: () => Promise.resolve(Buffer.from('bytes')),
  ...overrides,
});

export const aPicture = (overrides: Partial<Attachment> = {}): Attachment =>
  anAttachment({
    ...{ kind: 'picture', name: null, mediaType: 'image/png', text: null },
    detail: { width: 10, height: 10 },
    ...overrides,
  });
