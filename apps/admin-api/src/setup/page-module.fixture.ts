import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';

import { ModuleKind, transpileModule } from 'typescript';

/** A module of the page as the specs can use it: the page has no build step, and jest knows no browser modules. */
export function pageModule<T>(name: string): T {
  const path = join(__dirname, '..', 'public', name);
  const { outputText } = transpileModule(readFileSync(path, 'utf8'), {
    compilerOptions: { module: ModuleKind.CommonJS, allowJs: true },
    fileName: path,
  });
  const load = runInThisContext(`(function (exports) {${outputText}\n})`, path) as (
    exports: object,
  ) => void;
  const exports = {};
  load(exports);
  return exports as T;
}
