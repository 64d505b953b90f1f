// What a good engineer writes in an afternoon: one process, dingtalk-stream, the model called directly, the card throttled
// to 800 ms, the history in memory. It is the measure that ratios are taken against, so it is written to be quick.
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import OpenAI from 'openai';

const require = createRequire(import.meta.url);
const { DWClient, TOPIC_ROBOT } = require('dingtalk-stream');
const { API_URL, MODEL_URL, CLIENT_IDS } = process.env;
require('dingtalk-stream/constants').GATEWAY_URL = `${API_URL}/v1.0/gateway/connections/open`;

const TEMPLATE = '382e4302-551d-4880-bf29-a30acfab2e71.schema';
const THROTTLE_MS = 800;
const HISTORY = 20;
/** The platform says that we are too fast. */
const RETRY_MS = 1_000;
const openai = new OpenAI({ baseURL: MODEL_URL, apiKey: 'none' });
const histories = new Map();
const tokens = new Map();

for (const clientId of CLIENT_IDS.split(',')) {
  const client = new DWClient({ clientId, clientSecret: 'secret' });
  client.registerCallbackListener(TOPIC_ROBOT, ({ headers, data }) => {
    client.socketCallBackResponse(headers.messageId, {});
    answer(clientId, JSON.parse(data)).catch((error) => console.error(error.message));
  });
  await client.connect();
}

async function answer(clientId, message) {
  const sender = message.senderStaffId;
  const key = `${clientId} ${message.conversationId} ${sender}`;
  const history = histories.get(key) ?? [];
  history.push({ role: 'user', content: message.text.content.trim() });
  const outTrackId = randomUUID();
  await call(clientId, 'POST', '/v1.0/card/instances/createAndDeliver', {
    cardTemplateId: TEMPLATE,
    outTrackId,
    callbackType: 'STREAM',
    cardData: { cardParamMap: { msgContent: '', flowStatus: '1' } },
    openSpaceId: `dtv1.card//IM_ROBOT.${sender}`,
    imRobotOpenSpaceModel: { supportForward: true },
    imRobotOpenDeliverModel: { spaceType: 'IM_ROBOT', robotCode: message.robotCode },
  });
  const stream = await openai.chat.completions.create({
    model: 'm',
    messages: history.slice(-HISTORY),
    stream: true,
  });
  let [text, shownAt] = ['', 0];
  for await (const { choices } of stream) {
    text += choices[0]?.delta?.content ?? '';
    if (!text || performance.now() - shownAt < THROTTLE_MS) continue;
    shownAt = performance.now();
    await show(clientId, outTrackId, text, false);
  }
  await show(clientId, outTrackId, text, true);
  history.push({ role: 'assistant', content: text });
  histories.set(key, history.slice(-HISTORY));
}

const show = (clientId, outTrackId, content, isFinalize) =>
  call(clientId, 'PUT', '/v1.0/card/streaming', {
    outTrackId,
    guid: randomUUID(),
    key: 'msgContent',
    content,
    isFull: true,
    isFinalize,
    isError: false,
  });

async function tokenOf(clientId) {
  const known = tokens.get(clientId);
  if (known && known.until > Date.now()) return known.token;
  const body = JSON.stringify({ appKey: clientId, appSecret: 'secret' });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${API_URL}/v1.0/oauth2/accessToken`, {
    method: 'POST',
    headers,
    body,
  });
  const { accessToken, expireIn } = await response.json();
  tokens.set(clientId, { token: accessToken, until: Date.now() + (expireIn - 600) * 1_000 });
  return accessToken;
}

async function call(clientId, method, path, body, tries = 5) {
  const response = await fetch(API_URL + path, {
    method,
    headers: {
      'content-type': 'application/json',
      'x-acs-dingtalk-access-token': await tokenOf(clientId),
    },
    body: JSON.stringify(body),
  });
  const answered = await response.json();
  if (response.status === 403 && tries > 1) {
    await new Promise((done) => setTimeout(done, RETRY_MS));
    return call(clientId, method, path, body, tries - 1);
  }
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answered)}`);
}
