#!/usr/bin/env node
// Asks a bot of the sandbox one question and prints the answer as its card fills. Plain Node ≥ 20, no dependencies.
//   node examples/ask.mjs "What can you do?"
//   node examples/ask.mjs --from 0103 --bot dingsandboxbot2 --group group2 "And in a group?"
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    sandbox: { type: 'string', default: process.env.SANDBOX_URL ?? 'http://127.0.0.1:3100' },
    from: { type: 'string', default: '0101' },
    bot: { type: 'string', default: 'dingsandboxbot1' },
    group: { type: 'string' },
    seconds: { type: 'string', default: '120' },
  },
});
const { from, bot, group } = values;
const text = positionals.join(' ') || 'What can you do?';
const patience = AbortSignal.timeout(Number(values.seconds) * 1_000);

try {
  const feed = await sandbox('GET', '/sandbox/stream');
  const question = { from, clientId: bot, text, ...(group ? { groupId: group } : {}) };
  const { conversationId } = await (await sandbox('POST', '/sandbox/messages', question)).json();
  console.log(`${from} → ${bot}: ${text}\n`);
  await follow(feed.body, conversationId);
  process.exit(0);
} catch (error) {
  console.error(patience.aborted ? `no answer within ${values.seconds} s` : explain(error));
  process.exit(1);
}

/** Prints what is new on the bot's card until it is finished, or the message that it answers with instead. */
async function follow(body, conversationId) {
  let card;
  let shown = '';
  for await (const { event, data } of events(body)) {
    const { entry } = data;
    if (event === 'entry' && data.conversationId === conversationId) {
      if (entry.kind === 'notice') throw new Error(`${entry.name} is not connected`);
      if (entry.kind === 'card' && entry.clientId === bot) card = entry.outTrackId;
      if (entry.kind === 'bot' && entry.clientId === bot) return console.log(entry.text);
    }
    if (event !== 'card' || data.outTrackId !== card) continue;
    shown = print(shown, data.text);
    if (!data.isOpen) return console.log(`\n\n[card ${data.state}]`);
  }
  throw new Error('the sandbox ended the stream');
}

/** A card shows whole texts, not pieces: prints what was added, or from the first line that changed. */
function print(shown, text) {
  const isLonger = text.startsWith(shown);
  let same = 0;
  while (same < text.length && text[same] === shown[same]) same += 1;
  const line = text.lastIndexOf('\n', same - 1) + 1;
  process.stdout.write(isLonger ? text.slice(shown.length) : `\n${text.slice(line)}`);
  return text;
}

async function* events(body) {
  const decoder = new TextDecoder();
  let buffer = '';
  for await (const chunk of body) {
    buffer += decoder.decode(chunk, { stream: true });
    const blocks = buffer.split('\n\n');
    buffer = blocks.pop();
    for (const block of blocks) {
      const field = (name) => block.match(new RegExp(`^${name}: (.*)$`, 'm'))?.[1];
      if (field('data')) yield { event: field('event'), data: JSON.parse(field('data')) };
    }
  }
}

async function sandbox(method, path, json) {
  const response = await fetch(`${values.sandbox}${path}`, {
    method,
    signal: patience,
    ...(json
      ? { headers: { 'content-type': 'application/json' }, body: JSON.stringify(json) }
      : {}),
  });
  if (!response.ok)
    throw new Error(`${method} ${path}: HTTP ${response.status} ${await response.text()}`);
  return response;
}

function explain(error) {
  const isAway = error.cause?.code === 'ECONNREFUSED';
  return isAway ? `nothing listens at ${values.sandbox}: is \`npm start\` running?` : error.message;
}
