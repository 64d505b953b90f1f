import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** The folder of the repository, from its sources as well as from dist/. */
export function projectRoot(from: string = __dirname): string {
  const manifest = join(from, 'package.json');
  if (existsSync(manifest) && nameIn(manifest) === 'carillon') return from;
  const parent = dirname(from);
  if (parent === from) throw new Error(`no carillon repository above ${__dirname}`);
  return projectRoot(parent);
}

function nameIn(manifest: string): unknown {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { name?: unknown }).name;
}
