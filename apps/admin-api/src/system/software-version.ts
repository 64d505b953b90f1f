import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The version that package.json names, wherever above this file it lies; `unknown` where it was not shipped. */
export function softwareVersion(from: string = __dirname): string {
  const file = join(from, 'package.json');
  if (existsSync(file)) {
    const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version?: unknown };
    if (typeof version === 'string') return version;
  }
  const above = dirname(from);
  return above === from ? 'unknown' : softwareVersion(above);
}
