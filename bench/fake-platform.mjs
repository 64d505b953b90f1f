// The platform's side of Stream mode, as small and quick as can be: it must not be what a benchmark measures.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

export class FakePlatform {
  #http = createServer((request, response) => this.#take(request, response));
  #sockets = new Map();
  #waiting = new Map();
  #frames = 0;
  opens = 0;

  async listen() {
    await new Promise((done) => this.#http.listen(0, '127.0.0.1', 4_096, done));
    this.url = `http://127.0.0.1:${this.#http.address().port}`;
    const server = new WebSocketServer({ server: this.#http, perMessageDeflate: false });
    server.on('connection', (socket, request) => this.#accept(socket, request));
    return this;
  }

  /** How many connections are open. */
  get size() {
    let size = 0;
    for (const sockets of this.#sockets.values()) size += sockets.size;
    return size;
  }

  clients() {
    return [...this.#sockets.keys()].filter((id) => this.#sockets.get(id).size > 0);
  }

  /** Pushes a robot message. Resolves with the milliseconds until its acknowledgement; null when nobody is connected. */
  ask(clientId, msgId, sender, text) {
    const [socket] = this.#sockets.get(clientId) ?? [];
    if (!socket) return Promise.resolve(null);
    const messageId = `push-${(this.#frames += 1)}`;
    const data = JSON.stringify(
      messageOf(clientId, msgId, sender, text, this.webhookOf(clientId, sender)),
    );
    const headers = `{"topic":"/v1.0/im/bot/messages/get","messageId":"${messageId}","contentType":"application/json","time":"${Date.now()}"}`;
    return new Promise((resolve) => {
      this.#waiting.set(messageId, { resolve, sentAt: performance.now() });
      sendTogether(
        socket,
        `{"specVersion":"1.0","type":"CALLBACK","headers":${headers},"data":${data}}`,
      );
    });
  }

  /** Waits no longer for acknowledgements that are older than so many ms (`ask` gives null). @returns how many */
  giveUp(afterMs) {
    const before = performance.now() - afterMs;
    let count = 0;
    for (const [messageId, { resolve, sentAt }] of this.#waiting) {
      if (sentAt > before) break;
      this.#waiting.delete(messageId);
      resolve(null);
      count += 1;
    }
    return count;
  }

  get unacknowledged() {
    return this.#waiting.size;
  }

  /** Cuts one connection without a word. */
  cut(clientId) {
    const [socket] = this.#sockets.get(clientId) ?? [];
    socket?.terminate();
  }

  close() {
    for (const sockets of this.#sockets.values()) for (const socket of sockets) socket.terminate();
    this.#http.closeAllConnections();
    this.#http.close();
  }

  #take(request, response) {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => (body += chunk));
    request.on('end', () => {
      const answer = this.answer(
        request.url.split('?')[0],
        body && JSON.parse(body),
        request,
        response,
      );
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(answer));
    });
  }

  /** Where an answer may be sent as text. */
  webhookOf() {
    return DEAD_WEBHOOK;
  }

  /** What a call is answered. */
  answer(path, body) {
    if (path !== '/v1.0/gateway/connections/open') return {};
    this.opens += 1;
    return { endpoint: `${this.url.replace('http', 'ws')}/stream`, ticket: body.clientId };
  }

  #accept(socket, request) {
    const clientId = new URL(request.url, this.url).searchParams.get('ticket');
    const sockets = this.#sockets.get(clientId) ?? new Set();
    this.#sockets.set(clientId, sockets.add(socket));
    socket.on('error', () => socket.terminate());
    socket.on('close', () => sockets.delete(socket));
    socket.on('message', (data) => this.#acknowledge(JSON.parse(data)));
  }

  #acknowledge({ headers }) {
    const waiting = this.#waiting.get(headers.messageId);
    this.#waiting.delete(headers.messageId);
    waiting?.resolve(performance.now() - waiting.sentAt);
  }
}

/** As long as a real one. */
const DEAD_WEBHOOK = 'https://oapi.dingtalk.com/robot/sendBySession?session=0123456789abcdef';

/** What is pushed in one moment leaves in one write. */
function sendTogether(socket, frame) {
  const raw = socket._socket;
  if (!raw.writableCorked) {
    raw.cork();
    process.nextTick(() => raw.uncork());
  }
  socket.send(frame);
}

const QUESTION = 'How do I hand in a travel expense report for a trip that began last month?';

export const messageOf = (clientId, msgId, sender, text = QUESTION, webhook = DEAD_WEBHOOK) =>
  JSON.stringify({
    msgId,
    msgtype: 'text',
    text: { content: text },
    conversationId: `cid-of-${sender}`,
    conversationType: '1',
    senderId: `$:LWCP_v1:$${sender}`,
    senderStaffId: sender,
    senderNick: 'Ada',
    senderCorpId: 'dingbench',
    chatbotCorpId: 'dingbench',
    chatbotUserId: '$:LWCP_v1:$bot',
    robotCode: clientId,
    createAt: Date.now(),
    sessionWebhook: webhook,
    sessionWebhookExpiredTime: Date.now() + 5_400_000,
  });
