// An OpenAI-compatible endpoint as a process of its own: so many chunks per answer, as fast as they are taken or paced. A
// question that says `[20x150]` is answered in twenty chunks with 150 ms between them.
import { createServer } from 'node:http';

const usual = process.argv.slice(2, 4).map(Number);
/** Says when each answer begins, unless nobody listens. */
const tell = process.argv[4] === 'quiet' ? () => undefined : (news) => process.send(news);
const head =
  '{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"';
const chunk = (n) => `data: ${head}word ${n} "},"finish_reason":null}]}\n\n`;
const end =
  'data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":9,"total_tokens":18}}\n\ndata: [DONE]\n\n';

const now = () => performance.timeOrigin + performance.now();

const server = createServer(async (request, response) => {
  let body = '';
  for await (const part of request) body += part;
  const question = JSON.parse(body).messages.at(-1).content;
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const [chunks, paceMs] = shapeOf(question);
  if (paceMs > 0) return pace(response, question, { chunks, paceMs });
  tell({ first: question, at: now() });
  for (let n = 0; n < chunks; n += 1)
    if (!response.write(chunk(n))) await new Promise((done) => response.once('drain', done));
  response.end(end);
});

function shapeOf(question) {
  const asked = /\[(\d+)x(\d+)\]/u.exec(question);
  return asked ? asked.slice(1).map(Number) : usual;
}

function pace(response, question, { chunks, paceMs }) {
  let n = 0;
  const timer = setInterval(() => {
    if (n === 0) tell({ first: question, at: now() });
    response.write(chunk(n));
    n += 1;
    if (n < chunks) return;
    clearInterval(timer);
    response.end(end);
  }, paceMs);
  response.on('close', () => clearInterval(timer));
}

// Whoever started it is gone.
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
