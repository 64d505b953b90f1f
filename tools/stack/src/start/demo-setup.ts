import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writePrivately } from '../secret-file';
import { waitUntil } from '../wait-until';
import { type AdminClient, type Row } from './admin-client';
import { type DemoModel } from './stack-plan';

const demoAgentName = 'Demo';
const modelName = 'Demo model';
const modelAgentName = 'Demo with a model';
const instructions =
  'You are a friendly assistant in DingTalk. Answer in the language of the question, briefly, in Markdown.';
const OWN_CARD = { enabled: true, templateId: 'carillon-sandbox.schema', buttons: true };
/** The two bots that the sandbox knows from the start. */
const bots = [1, 2].map((number) => ({
  name: `Sandbox bot ${number}`,
  clientId: `dingsandboxbot${number}`,
  clientSecret: `sandbox-secret-${number}`,
  // The first one's card is the public template, the second one's an own template with buttons.
  card: number === 1 ? { enabled: true } : OWN_CARD,
}));

/**
 * Gives the sandbox's bots channels and an agent; harmless on every start. What an administrator changed stays, except
 * that other model variables than last time mean: use those.
 */
export async function setUpDemo(
  api: AdminClient,
  model: DemoModel | undefined,
  noteFile: string,
): Promise<readonly Row[]> {
  const fingerprint = fingerprintOf(model);
  const isChanged = notedIn(noteFile) !== fingerprint;
  const agent = model ? await modelAgent(api, model, isChanged) : await demoAgent(api);
  const channels: Row[] = [];
  for (const bot of bots) channels.push(await channelOf(api, bot, agent, isChanged));
  if (isChanged) writePrivately(noteFile, fingerprint);
  return channels;
}

/** Waits until every channel is connected; answers those that are not, with what their status says. */
export async function unconnected(
  api: AdminClient,
  channels: readonly Row[],
  timeoutMs: number,
): Promise<readonly { readonly name: string; readonly why: string }[]> {
  const ask = async () => {
    const states = await Promise.all(channels.map((channel) => stateOf(api, channel)));
    return states.filter((state) => state.state !== 'connected');
  };
  let missing: Awaited<ReturnType<typeof ask>> = [];
  await waitUntil(
    async () => {
      missing = await ask();
      return missing.length === 0 || undefined;
    },
    timeoutMs,
    300,
  );
  return missing;
}

async function stateOf(api: AdminClient, channel: Row) {
  const status = await api.get(`/channels/${channel.id}/status`);
  const sentence = [status['message'], status['userAction']].filter(Boolean).join(' ');
  return {
    name: String(channel['name']),
    state: status['state'],
    why: `${String(status['state'])}${sentence ? ` (${sentence})` : ''}`,
  };
}

async function demoAgent(api: AdminClient): Promise<Row> {
  const known = await api.find('/agents', (agent) => agent['name'] === demoAgentName);
  return (
    known ?? api.create('/agents', { name: demoAgentName, kind: 'demo', tools: ['ask_person'] })
  );
}

async function modelAgent(api: AdminClient, model: DemoModel, isChanged: boolean): Promise<Row> {
  const body = { ...model, provider: 'openai-compatible', params: {} };
  const known = await api.find('/models', (row) => row['name'] === modelName);
  const { id: modelId } = known ?? (await api.create('/models', { name: modelName, ...body }));
  if (known && isChanged) await api.change(`/models/${known.id}`, body);
  const agent = await api.find('/agents', (row) => row['name'] === modelAgentName);
  if (agent) return agent;
  return api.create('/agents', { name: modelAgentName, kind: 'llm', instructions, modelId });
}

async function channelOf(
  api: AdminClient,
  bot: (typeof bots)[number],
  agent: Row,
  isChanged: boolean,
): Promise<Row> {
  const known = await api.find('/channels', (channel) => channel['clientId'] === bot.clientId);
  if (!known) {
    return api.create('/channels', {
      ...bot,
      type: 'dingtalk',
      robotCode: bot.clientId,
      defaultAgentId: agent.id,
      enabled: true,
    });
  }
  if (!isChanged || known['defaultAgentId'] === agent.id) return known;
  return api.change(`/channels/${known.id}`, { defaultAgentId: agent.id });
}

/** Tells "other model variables than last time" without keeping the key once more. */
function fingerprintOf(model: DemoModel | undefined): string {
  if (!model) return 'demo';
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(model)))
    .digest('hex');
}

const notedIn = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8') : undefined);
