// The Redis of last resort: js-redis-server in a process of its own. Volatile, for development alone. Takes the same
// settings file as redis-server and understands `port` and `requirepass`.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const net = require('node:net');

// As shipped, answers to pipelines wait 40 ms for Nagle's algorithm.
const { createServer } = net;
net.createServer = (...args) => {
  const [options, listener] = typeof args[0] === 'object' ? args : [{}, args[0]];
  return createServer({ ...options, noDelay: true }, listener);
};
// It binds to every interface unless it is told otherwise.
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (...args) {
  return typeof args[0] === 'number'
    ? listen.call(
        this,
        { port: args[0], host: '127.0.0.1' },
        ...args.filter((arg) => typeof arg === 'function'),
      )
    : listen.apply(this, args);
};

const settings = readFileSync(process.argv[2], 'utf8');
const setting = (name) => new RegExp(`^${name} (.+)$`, 'm').exec(settings)?.[1];

const { createRedisServer } = require('js-redis-server');
const server = await createRedisServer({
  port: Number(setting('port')),
  compatibility: 'redis-7.0',
  logger: console,
});
server.state.requirepass = setting('requirepass');
for (const signal of ['SIGINT', 'SIGTERM'])
  process.once(signal, () => void server.close().then(() => process.exit(0)));
