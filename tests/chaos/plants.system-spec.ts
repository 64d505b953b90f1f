import { join } from 'node:path';
import type { Lane } from './chaos-plan';
import { runChaos } from './chaos-run';

// Minutes each, and they say something about the runner alone.
const long = process.env['LONG'] ? describe : describe.skip;

long('a planted bug', () => {
  const findingsWith = async (plant: string, seed: number, lane: Lane): Promise<string[]> => {
    const preload = `--require ${join(__dirname, 'plants', 'plant.cjs')}`;
    const env = { NODE_OPTIONS: preload, CHAOS_PLANT: plant };
    const { findings } = await runChaos({ seed, minutes: 1, lanes: [lane], env });
    return [...new Set(findings.map(({ promise }) => promise))];
  };

  it('that acknowledges before it writes is found', async () => {
    expect(await findingsWith('ack-before-journal', 2, 'processes')).toContain('P1');
  }, 300_000);

  it('that takes every push for a message is found', async () => {
    expect(await findingsWith('no-deduplication', 3, 'processes')).toContain('P2');
  }, 300_000);

  it('that closes no card that was given up is found', async () => {
    expect(await findingsWith('no-reaper', 4, 'platform')).toContain('P4');
  }, 300_000);
});
