// The yardstick for idle memory: `ws` connections that send the same pings and nothing else.
// Arguments: URL of the platform, pause between pings in ms. Reads how many connections to hold from its parent.
import { WebSocket } from 'ws';

const [url, pingMs] = process.argv.slice(2);
const sockets = [];

async function connect(n) {
  const clientId = `bare-${n}`;
  const answer = await fetch(`${url}/v1.0/gateway/connections/open`, {
    method: 'POST',
    body: JSON.stringify({ clientId }),
  });
  const { endpoint, ticket } = await answer.json();
  const socket = new WebSocket(`${endpoint}?ticket=${ticket}`, {
    perMessageDeflate: false,
    maxPayload: 4 * 1024 * 1024,
  });
  socket.on('error', () => socket.terminate());
  socket.on('message', () => undefined);
  socket.on('pong', () => undefined);
  await new Promise((done) => socket.once('open', done));
  setInterval(() => socket.ping(), Number(pingMs));
  sockets.push(socket);
}

process.on('message', async (message) => {
  if (message.hold === undefined) return;
  while (sockets.length < message.hold) await connect(sockets.length);
});
process.send('listening');
