// `npm run bench`: every bench, with a table of verdicts at the end. One of them: `npm run bench -- latency`.
// Exit code 0: all targets met; 1: one is missed, or a bench broke; 2: wrong usage.
import { cpus, loadavg, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { ensureBuilt } from '../tools/ensure-built.mjs';
import { catalogue } from './catalogue.mjs';
import { stopAll } from './leave.mjs';
import { loadsOf } from './load.mjs';
import { say, verdictTable } from './verdict.mjs';

const FLAGS = {
  quick: { type: 'boolean', about: 'a fraction of the samples' },
  seconds: { type: 'string', about: 'of each measurement' },
  rounds: { type: 'string', about: 'how often each is measured; median and range are told' },
  replicas: { type: 'string', about: 'of each service' },
  channels: { type: 'string', about: 'bots, e.g. 1 or 1,20,200,1000' },
  answers: { type: 'string', about: 'short (20 chunks), long (400) or short,long' },
  limits: { type: 'string', about: "the platform's: on, off or on,off" },
  help: { type: 'boolean', about: 'this' },
};
const COMMON = ['quick', 'help'];
/** A bench that takes this many times as long as it should hangs. */
const PATIENCE = 4;

const usage = () => {
  const names = Object.entries(catalogue).map(
    ([
      name,
      {
        about,
        minutes: [whole, part],
      },
    ]) => `  ${name.padEnd(11)} ${about} (${whole} min, quick ${part})`,
  );
  const flags = Object.entries(FLAGS).map(([name, { about }]) => {
    const takers = Object.keys(catalogue).filter((one) => catalogue[one].takes.includes(name));
    const who = COMMON.includes(name) ? '' : ` [${takers.join(', ')}]`;
    return `  --${name.padEnd(9)} ${about}${who}`;
  });
  return ['npm run bench -- [name …] [flags]', ...names, '', ...flags].join('\n');
};

/** @throws Error that tells what is wrong */
function planOf(args) {
  const { values, positionals } = parseArgs({ args, allowPositionals: true, options: FLAGS });
  const unknown = positionals.find((name) => !Object.hasOwn(catalogue, name));
  if (unknown) throw new Error(`there is no bench "${unknown}"`);
  const all = Object.keys(catalogue).filter((name) => !catalogue[name].isAlone);
  const names = positionals.length > 0 ? positionals : all;
  for (const flag of Object.keys(values).filter((one) => !COMMON.includes(one)))
    if (!names.some((name) => catalogue[name].takes.includes(flag)))
      throw new Error(`${names.join(', ')} does not take --${flag}`);
  for (const flag of ['seconds', 'rounds', 'replicas'])
    if (values[flag] !== undefined && !(Number(values[flag]) > 0))
      throw new Error(`--${flag} takes a number above 0`);
  loadsOf(values);
  return { names, flags: values };
}

const load = () => loadavg()[0].toFixed(1);
const expected = ({ names, flags }) =>
  names.reduce((sum, name) => sum + catalogue[name].minutes[flags.quick ? 1 : 0], 0);

function sayWhatComes(plan) {
  const [{ model }] = cpus();
  const gigabytes = (totalmem() / 2 ** 30).toFixed(0);
  console.log(
    `about ${Math.ceil(expected(plan) * loadsOf(plan.flags).length)} minutes: ${plan.names.join(', ')}`,
  );
  console.log(
    `machine: ${cpus().length} × ${model}, ${gigabytes} GB, Node ${process.version}, load average ${load()}`,
  );
  if (loadavg()[0] > cpus().length / 4)
    console.log('the machine has other things to do: absolute figures will be worse than they are');
}

async function measure(name, plan) {
  const before = load();
  const hangs = expected({ ...plan, names: [name] }) * loadsOf(plan.flags).length * PATIENCE;
  let timer;
  const tooLong = new Promise((_, fail) => {
    const error = new Error(`not over after ${hangs} minutes`);
    timer = setTimeout(() => fail(error), hangs * 60_000);
  });
  try {
    const verdicts = await Promise.race([catalogue[name].run(plan.flags), tooLong]);
    return { name, load: `${before} to ${load()}`, verdicts };
  } catch (error) {
    console.error(error);
    await stopAll();
    const broken = { what: error.message, figure: 'broke', target: '–', isMet: false };
    return { name, load: `${before} to ${load()}`, verdicts: [broken] };
  } finally {
    clearTimeout(timer);
  }
}

async function main(plan) {
  sayWhatComes(plan);
  if (!ensureBuilt()) return 2;
  const results = [];
  for (const name of plan.names) {
    console.log(`\n## ${name}: ${catalogue[name].about} (load average ${load()})\n`);
    results.push(await measure(name, plan));
  }
  console.log(`\n## Verdicts\n\n${verdictTable(results)}\n`);
  const missed = results.flatMap(({ verdicts }) => verdicts.filter(({ isMet }) => isMet === false));
  console.log(missed.length === 0 ? 'all targets met' : `${missed.length} targets missed`);
  return missed.length === 0 ? 0 : 1;
}

function leaveOn(signal, code) {
  process.on(signal, () => {
    // A second one does not wait.
    process.once(signal, () => process.exit(code));
    say('stopping what was started');
    void stopAll().then(() => process.exit(code));
  });
}

leaveOn('SIGINT', 130);
leaveOn('SIGTERM', 143);
let plan;
try {
  plan = planOf(process.argv.slice(2));
} catch (error) {
  console.error(`${error.message}\n\n${usage()}`);
  process.exit(2);
}
if (plan.flags.help) console.log(usage());
process.exit(plan.flags.help ? 0 : await main(plan));
