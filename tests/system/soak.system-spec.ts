import { join } from 'node:path';
import { projectRoot, startProcess } from './support/stack';

const isLong = process.env['LONG'] === '1';
const seconds = 600;

/** Ten minutes; brings stores and a platform of its own. */
(isLong ? describe : describe.skip)('a gateway under load with churn', () => {
  it(
    'keeps its memory flat',
    async () => {
      const lines: string[] = [];
      const soak = await startProcess({
        name: 'soak',
        command: process.execPath,
        args: [join(projectRoot(), 'bench', 'run.mjs'), 'soak', '--seconds', String(seconds)],
        env: { PATH: process.env['PATH'], HOME: process.env['HOME'] },
        onLine: (line) => {
          lines.push(line);
          console.log(line);
        },
      });

      expect({ ...(await soak.ended), lines }).toMatchObject({ code: 0 });
    },
    (seconds + 120) * 1_000,
  );
});
