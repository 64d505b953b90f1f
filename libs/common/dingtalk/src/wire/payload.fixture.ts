import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A literal payload of the platform, as text, from `tests/fixtures/dingtalk`. */
export const payload = (name: string): string =>
  readFileSync(join(__dirname, '../../../../../tests/fixtures/dingtalk', `${name}.json`), 'utf8');
