// What everything costs while nobody asks: all services, Postgres and Redis, ten bots connected.
import { Contest } from './contest.mjs';
import { Costs, totalMs } from './costs.mjs';
import { mb, percent, sleep } from './numbers.mjs';
import { atMost, say } from './verdict.mjs';

const TARGET = 0.05;
const SETTLE_MS = 15_000;

export async function benchIdleStack({ seconds = 300 } = {}) {
  const contest = await Contest.open();
  try {
    const adminApi = contest.stack.service('admin-api', {
      ADMIN_API_KEY: 'bench-key-0123456789abcdef',
      ...contest.stack.platformAt(contest.carillon.platform.url),
    });
    try {
      say(`nobody asks for ${seconds} s`);
      await sleep(SETTLE_MS);
      const members = { ...contest.carillon.members, 'admin-api': adminApi.pid };
      const costs = new Costs(members);
      await sleep(seconds * 1_000);
      return report(costs.since(), seconds);
    } finally {
      await adminApi.stop();
    }
  } finally {
    await contest.close();
  }
}

function report(spent, seconds) {
  const share = (cpuMs) => cpuMs / (seconds * 1_000);
  console.log('| member | of a core | memory |\n|---|---|---|');
  for (const [name, { cpuMs, rss }] of Object.entries(spent))
    console.log(`| ${name} | ${percent(share(cpuMs))} | ${mb(rss)} |`);
  const total = totalMs(spent);
  console.log(
    `\ntogether ${percent(share(total))} of a core over ${seconds} s (≤ ${TARGET * 100} %)`,
  );
  return [atMost('everything idle, of a core', share(total), TARGET, percent)];
}
