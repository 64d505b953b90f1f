import { join } from 'node:path';
import { runChaos } from './chaos-run';

// Minutes each, and they say something about the runner alone.
const long = process.env['LONG'] ? describe : describe.skip;

long('a planted bug', () => {
  const findingsWith = async (plant: string, seed: number): Promise<string[]> => {
    const preload = `--require ${join(__dirname, 'plants', 'plant.cjs')}`;
    const env = { NODE_OPTIONS: preload, CHAOS_PLANT: plant };
    const { findings } = await runChaos({ seed, minutes: 1, lanes: ['processes'], env });
    return [...new Set(findings.map(({ promise }) => promise))];
  };

  it('that acknowledges before it writes is found', async () => {
    expect(await findingsWith('ack-before-journal', 2)).toContain('P1');
  }, 300_000);

  it('that takes every push for a message is found', async () => {
    expect(await findingsWith('no-deduplication', 3)).toContain('P2');
  }, 300_000);

  it('that leaves what a dead sender held is found', async () => {
    expect(await findingsWith('no-takeover', 4)).toContain('P4');
  }, 300_000);
});
