import { accessSync, constants, realpathSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first of these programs on the PATH. Names come before places: `names[0]` anywhere wins. */
export function findOnPath(
  names: readonly string[],
  path: string = process.env['PATH'] ?? '',
  { resolveLinks = true } = {},
): string | undefined {
  for (const name of names) {
    for (const folder of path.split(delimiter).filter((entry) => entry !== '')) {
      const file = join(folder, name);
      if (isProgram(file)) return resolveLinks ? realpathSync(file) : file;
    }
  }
  return undefined;
}

export function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
