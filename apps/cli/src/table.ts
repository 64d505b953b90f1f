/** How wide a text is in a terminal: Chinese characters take two cells. */
const widthOf = (text: string): number =>
  [...text].reduce((width, character) => width + (isWide(character) ? 2 : 1), 0);

const isWide = (character: string): boolean =>
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/u.test(
    character,
  );

/** Rows under each other, columns in line. Line breaks and control characters of the values do not get out. */
export function table(rows: readonly (readonly (string | number | null | undefined)[])[]): string {
  const cells = rows.map((row) => row.map((value) => plain(String(value ?? '-'))));
  const widths = (cells[0] ?? []).map((_, n) =>
    Math.max(...cells.map((row) => widthOf(row[n] ?? ''))),
  );
  return cells
    .map((row) =>
      row
        .map((text, n) => text + ' '.repeat(Math.max(0, (widths[n] ?? 0) - widthOf(text))))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** What others wrote must not steer the terminal. */
const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]+/g, ' ');
