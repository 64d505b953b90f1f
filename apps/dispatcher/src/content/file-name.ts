const LONGEST = 120;
/** Control characters, and marks that turn the direction of writing: `invoice\u202Efdp.exe` reads as another name. */
const TRICKS = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff]/g;

/**
 * What a file is called, as people and agents may read it: one line, no folders, no marks that hide what it is, and no
 * brackets that could end the note it stands in. Null when nothing is left.
 */
export function cleanFileName(name: string | null): string | null {
  const words = (name ?? '')
    .normalize('NFC')
    .replace(TRICKS, '')
    .split(/[/\\]/)
    .at(-1)
    ?.replace(/[[\]<>]/g, '_')
    .replace(/\s+/g, ' ')
    .trim();
  if (!words) return null;
  const units = [...words];
  if (units.length <= LONGEST) return words;
  // The extension says what it is: it stays.
  const extension = /\.\w{1,10}$/.exec(words)?.[0] ?? '';
  return `${units.slice(0, LONGEST - extension.length - 1).join('')}…${extension}`;
}
