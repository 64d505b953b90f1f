// `npm run bench:gateway -- ack|idle|soak [--seconds N]`: figures as Markdown; exit code 1 when a target is missed.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { ensureBuilt } = await import(
  join(dirname(dirname(fileURLToPath(import.meta.url))), 'tools', 'ensure-built.mjs')
);
const [name, ...rest] = process.argv.slice(2);
const seconds = rest[0] === '--seconds' ? { seconds: Number(rest[1]) } : {};
const benches = {
  ack: async () => (await import('./ack.mjs')).benchAck(seconds),
  idle: async () => (await import('./idle.mjs')).benchIdle(seconds),
  soak: async () => (await import('./soak.mjs')).benchSoak(seconds),
};
if (!benches[name] || !ensureBuilt()) {
  console.error(`bench:gateway takes one of ${Object.keys(benches).join(', ')}`);
  process.exit(2);
}
const isGood = await benches[name]();
console.log(isGood ? 'targets met' : 'a target is missed');
process.exit(isGood ? 0 : 1);
