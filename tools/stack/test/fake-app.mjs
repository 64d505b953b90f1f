// Stands for any app of `npm start` in specs: listens, is ready, and dies on POST /die. As admin-api it also keeps the
// few rows that setting up the demo writes, in a file, so that a restart finds them.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

export function fakeApp(name, rowsFile) {
  const variable = `${name.toUpperCase().replace('-', '_')}_PORT`;
  const env = process.env;
  const rows = existsSync(rowsFile) ? JSON.parse(readFileSync(rowsFile, 'utf8')) : [];
  const log = (level, msg, fields) =>
    console.log(JSON.stringify({ level, time: Date.now(), service: name, msg, ...fields }));

  const server = createServer(async (request, response) => {
    const send = (status, body) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const path = request.url.split('?')[0];
    if (path === '/readyz') return send(200, { status: 'ready' });
    if (path === '/env') return send(200, env);
    if (path === '/rows') return send(200, rows);
    if (path === '/warn') return send(200, log(40, 'something odd', { code: 'odd_thing' }));
    if (path === '/die') process.exit(9);
    if (
      request.headers.authorization !== `Bearer ${env.ADMIN_API_KEY}` ||
      request.headers['x-tenant-id'] !== 'default'
    ) {
      return send(401, { code: 'unauthorized', detail: 'no' });
    }
    const [, , , kind, id, more] = path.split('/');
    if (more === 'status')
      return send(200, {
        state: env.FAKE_STATE ?? 'connected',
        message: 'so it is.',
        userAction: 'Do this.',
      });
    if (request.method === 'GET')
      return send(200, { items: rows.filter((row) => row.kindOfRow === kind), nextCursor: null });
    let text = '';
    for await (const chunk of request) text += chunk;
    const body = JSON.parse(text);
    let row = rows.find((known) => known.id === id);
    if (row) Object.assign(row, body);
    else rows.push((row = { id: `${kind}-${rows.length + 1}`, ...body, kindOfRow: kind }));
    writeFileSync(rowsFile, JSON.stringify(rows));
    return send(id ? 200 : 201, row);
  });
  server.listen(Number(env[variable]), '127.0.0.1', () =>
    log(30, 'listening', { port: server.address().port }),
  );
  process.on('SIGTERM', () => process.exit(0));
}
