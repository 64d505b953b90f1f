import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Account } from '../src/account';
import { projectRoot } from '../src/project-root';

/** A folder that everybody can enter, as a project outside /root is. */
export function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'carillon-stack-'));
  chmodSync(folder, 0o755);
  return folder;
}

export const removeFolder = (folder: string) => rmSync(folder, { recursive: true, force: true });

/** The compiled stack in a Node process of its own; `body` sees it as `stack` and answers what it started. */
export async function inOwnProcess<T>(
  body: string,
  account?: Account,
): Promise<{ process: ChildProcess; answer: T }> {
  const stack = join(projectRoot(), 'dist', 'tools', 'stack', 'src', 'index.js');
  const script = `const stack = require(${JSON.stringify(stack)});
    (async () => { ${body} })().then((answer) => console.log(JSON.stringify(answer)),
      (error) => { console.log(JSON.stringify({ error: error.message })); process.exit(1); });
    setInterval(() => undefined, 60_000);`;
  const child = spawn(process.execPath, ['-e', script], {
    cwd: '/',
    stdio: ['ignore', 'pipe', 'inherit'],
    ...account,
  });
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const answer = JSON.parse(line) as T & { error?: string };
  if (answer.error) throw new Error(answer.error);
  return { process: child, answer };
}
