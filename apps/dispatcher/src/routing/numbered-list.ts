interface Named {
  readonly id: string;
  readonly name: string;
}

/** `1. Name (current)`, one a line. */
export const listed = (options: readonly Named[], currentId: string | null, mark: string): string =>
  options
    .map(({ id, name }, n) => `${n + 1}. ${oneLine(name)}${id === currentId ? mark : ''}`)
    .join('\n');

/** What a person means by a number or a name, whatever its case; null when there is no such thing. */
export function picked<T extends Named>(options: readonly T[], argument: string): T | null {
  if (/^\d{1,4}$/.test(argument)) return options[Number(argument) - 1] ?? null;
  const wanted = argument.toLowerCase();
  const same = options.filter(({ name }) => name.toLowerCase() === wanted);
  // Two of one name cannot be told apart by it.
  return same.length === 1 ? (same[0] ?? null) : null;
}

/** A name among others must not break their list. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
