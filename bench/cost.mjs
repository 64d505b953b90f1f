// What an answer costs of the monthly allowance, by pace and length: calls and messages as the platform counts them.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Contest } from './contest.mjs';
import { sleep } from './numbers.mjs';
import { root } from './stack.mjs';
import { atMost, noted, say } from './verdict.mjs';

const built = createRequire(join(root, 'dist', 'bench.js'));
const { editionAllowances } = built('@common/domain');

/** How the model speaks. What goes beyond one card follows as a message. */
const ANSWERS = [
  { name: '20 words in 3 s', shape: '20x150' },
  { name: '250 words in 20 s', shape: '250x80' },
  { name: '400 words in 20 s', shape: '400x50' },
];
/** The rest of an answer comes after its card. */
const REST_MS = 2_000;
const WAYS = ['smooth', 'balanced', 'thrifty', 'off', 'text'];
/** What a pace promises to cost at most. */
const MOST = { balanced: 8, thrifty: 4, off: 2, text: 0 };

export async function benchCost({ rounds = 5 } = {}) {
  const contest = await Contest.open({ channels: WAYS.length });
  try {
    await setWays(contest);
    const rows = [];
    for (const answer of ANSWERS) {
      say(`${answer.name}: ${rounds} answers in each pace, and of the baseline`);
      const ways = WAYS.map((way, bot) => ({ way, who: contest.carillon, bot }));
      const all = [{ way: 'baseline (800 ms)', who: contest.baseline, bot: 0 }, ...ways];
      // All side by side: what is counted does not depend on who else asks.
      rows.push(...(await Promise.all(all.map((one) => measure(one, answer, rounds)))));
    }
    return report(rows);
  } finally {
    await contest.close();
  }
}

async function setWays({ stack }) {
  for (const [n, way] of WAYS.entries()) {
    const card = way === 'text' ? { enabled: false } : { enabled: true, pace: way, aiMark: '' };
    await stack.sql.query('UPDATE channel SET card = $1 WHERE id = $2', [
      JSON.stringify(card),
      stack.channels[n].id,
    ]);
  }
}

async function measure({ way, who, bot }, { name, shape }, rounds) {
  const clientId = who.clientIds[bot];
  const before = who.platform.callsOf(clientId);
  const answers = await Promise.all(
    Array.from({ length: rounds }, (_, n) => who.ask(n, { bot, shape })),
  );
  await sleep(REST_MS);
  const after = who.platform.callsOf(clientId);
  return {
    way,
    name,
    lost: answers.filter(({ isLost }) => isLost).length,
    api: (after.api - before.api) / rounds,
    // The push that brings the question counts as well.
    messages: 1 + (after.webhook - before.webhook) / rounds,
  };
}

function aMonth({ api, messages }) {
  const { standard } = editionAllowances;
  const [byCalls, byMessages] = [standard.apiCalls / api, standard.messages / messages].map((n) =>
    Math.floor(n),
  );
  return { byCalls, byMessages, answers: Math.min(byCalls, byMessages) };
}

function report(rows) {
  const { apiCalls, messages } = editionAllowances.standard;
  const answersOf = (count) => (Number.isFinite(count) ? String(count) : 'any number');
  console.log(
    `A month of the standard edition: ${apiCalls} API calls, ${messages} messages (pushes that came in and webhook messages).\n`,
  );
  console.log(
    '| pace | an answer of | API calls | messages | answers a month by calls | by messages | **answers a month** |\n|---|---|---|---|---|---|---|',
  );
  const verdicts = [];
  for (const row of rows) {
    const month = aMonth(row);
    console.log(
      `| ${row.way} | ${row.name} | ${row.api.toFixed(1)} | ${row.messages.toFixed(1)} | ${answersOf(month.byCalls)} | ${month.byMessages} | **${month.answers}** |`,
    );
    const what = `API calls per answer, ${row.way}, ${row.name}`;
    if (MOST[row.way] === undefined) verdicts.push(noted(what, row.api.toFixed(1)));
    else verdicts.push(atMost(what, row.api, MOST[row.way]));
  }
  const lost = rows.reduce((sum, row) => sum + row.lost, 0);
  return [...verdicts, atMost('questions without an answer', lost, 0)];
}
