import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { AdminApiProcess } from './admin-api.fixture';

const root = join(__dirname, '..', '..', '..');
const READMES = ['README.md', 'README.zh-CN.md'];

/** The fenced blocks of a page that ask an API with curl; what needs all services running is tried elsewhere. */
function examplesOf(page: string): string {
  const text = readFileSync(join(root, page), 'utf8');
  const blocks = [...text.matchAll(/^```\w*\n([^]*?)^```$/gm)].map(([, block]) => String(block));
  return blocks
    .filter((block) => /^(curl|api|\w+=\$\(api)\b/m.test(block))
    .flatMap((block) => block.split('\n').filter((line) => !line.startsWith('node ')))
    .join('\n');
}

describe('the examples of the README', () => {
  let api: AdminApiProcess;
  let sandbox: ChildProcess;
  let sandboxUrl: string;

  beforeAll(async () => {
    sandbox = spawn(process.execPath, [join(root, 'dist', 'apps', 'sandbox', 'main.js')], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { PATH: process.env.PATH, SANDBOX_PORT: '0' },
    });
    sandboxUrl = await new Promise((resolve) =>
      createInterface({ input: sandbox.stdout as NodeJS.ReadableStream }).once('line', (line) =>
        resolve((JSON.parse(line) as { url: string }).url),
      ),
    );
    api = await AdminApiProcess.start({
      DINGTALK_API_URL: sandboxUrl,
      DINGTALK_OAPI_URL: sandboxUrl,
    });
  });
  afterAll(async () => {
    sandbox.kill();
    await api.stop();
  });

  it.each(READMES)(
    'in %s run as they are written',
    async (page) => {
      const written = examplesOf(page);
      expect(written.match(/\bcurl\b|\$\(api |^api /gm)?.length).toBeGreaterThanOrEqual(7);
      const script = written
        .replaceAll('http://127.0.0.1:3000', api.url)
        .replaceAll('localhost:3100', sandboxUrl);

      const { code, out } = await bash(`set -euo pipefail\n${script}\necho "$CHANNEL"`, api.key);
      expect([code, out]).toEqual([0, expect.stringContaining('"checks":')]);
      expect(out).toContain('"state":"disconnected"');
      // The same app for the page in the other language.
      const channel = String(out.trim().split('\n').at(-1)).slice(-36);
      const headers = { authorization: `Bearer ${api.key}` };
      const gone = await fetch(`${api.url}/api/v1/channels/${channel}`, {
        method: 'DELETE',
        headers,
      });
      expect(gone.status).toBe(204);
    },
    60_000,
  );
});

function bash(script: string, key: string): Promise<{ code: number | null; out: string }> {
  const child = spawn('bash', ['-c', script], { env: { PATH: process.env.PATH, KEY: key } });
  let out = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, out })));
}
