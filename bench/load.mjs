// The one load model of `latency` and `saturation`: how many bots, how long the answers, the platform's limits on or off.
const CHUNKS = { short: 20, long: 400 };
const LIMITS = ['off', 'on'];

/** What targets are judged at. */
export const usualLoad = { channels: 10, answers: 'short', limits: 'off' };

/**
 * Every combination of what `--channels 1,200 --answers short,long --limits on` name.
 * @throws Error that tells what is wrong
 */
export function loadsOf({ channels = '10', answers = 'short', limits = 'off' }) {
  const counts = channels.split(',').map(Number);
  if (!counts.every((count) => Number.isInteger(count) && count > 0))
    throw new Error('--channels takes whole numbers above 0');
  const [lengths, rules] = [answers.split(','), limits.split(',')];
  if (!lengths.every((one) => CHUNKS[one])) throw new Error('--answers takes short and long');
  if (!rules.every((one) => LIMITS.includes(one))) throw new Error('--limits takes on and off');
  return counts.flatMap((count) =>
    lengths.flatMap((one) =>
      rules.map((rule) => ({ channels: count, answers: one, limits: rule })),
    ),
  );
}

export const isUsual = (load) =>
  Object.keys(usualLoad).every((key) => load[key] === usualLoad[key]);

/** What a contest is opened with. */
export const contestOf = ({ channels, answers, limits }) => ({
  channels,
  chunks: CHUNKS[answers],
  limits: limits === 'on',
});

export const nameOf = ({ channels, answers, limits }) =>
  `${channels} ${channels === 1 ? 'channel' : 'channels'}, ${answers} answers, limits ${limits}`;
