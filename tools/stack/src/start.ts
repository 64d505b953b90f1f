import { join } from 'node:path';
import { acquireLock, LockHeldError } from './lock-file';
import { commandOf, identityOf, parentOf } from './process-identity';
import { projectRoot } from './project-root';
import { planStack } from './start/stack-plan';
import { StackRun } from './start/stack-run';
import { StartRefusedError } from './start/start-refused.errors';
import { type Language, languageOf, texts } from './start/texts';

/** Ctrl-C under npm arrives twice at once, from the terminal and from npm; only a later one means impatience. */
const echoMs = 1_500;

/** `npm start`: runs until it is told to stop, and answers the exit code. */
export async function startStack(env: NodeJS.ProcessEnv = process.env): Promise<number> {
  const root = projectRoot();
  const dataDir = env['CARILLON_DATA_DIR'] || join(root, '.data');
  const appsDir = env['CARILLON_APPS_DIR'] || join(root, 'dist', 'apps');
  const language = languageOf(env);
  process.stdout.on('error', () => undefined); // the terminal was closed; stopping must go on
  try {
    const plan = planStack(env);
    const lock = acquireLock(join(dataDir, 'start.lock'));
    try {
      const cacheDir = join(root, '.data', 'cache');
      const run = new StackRun(plan, { root, appsDir, dataDir, cacheDir, env, say });
      return await runUntilTold(run, language);
    } finally {
      lock.release();
    }
  } catch (error) {
    say(sentenceOf(error, language));
    return 1;
  }
}

const say = (line: string) => console.log(line);

async function runUntilTold(run: StackRun, language: Language): Promise<number> {
  const told = onToldToStop(() => {
    run.kill();
    say(texts[language].forced);
    process.exit(1);
  });
  const up = run.up();
  try {
    await Promise.race([up, told.first]);
    await told.first;
    return 0;
  } catch (error) {
    say(sentenceOf(error, language));
    return 1;
  } finally {
    await run.down();
    // What was still coming up has nothing to come up to; its own complaint is no news.
    await up.catch(() => undefined);
    told.forget();
    say(texts[language].stopped);
  }
}

/** Signals, and the end of the npm that started us: nobody would be left to stop us. */
function onToldToStop(force: () => void) {
  let tellFirst: () => void = () => undefined;
  let firstAt = 0;
  const first = new Promise<void>((resolve) => (tellFirst = resolve));
  const take = () => {
    if (firstAt && Date.now() - firstAt > echoMs) force();
    firstAt ||= Date.now();
    tellFirst();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, take);
  const watch = watchNpm(tellFirst);
  return {
    first,
    forget: () => {
      clearInterval(watch);
      for (const signal of signals) process.off(signal, take);
    },
  };
}

/** npm runs its scripts through a shell, which may stay between us and npm. Without npm nobody is watched. */
function watchNpm(gone: () => void): NodeJS.Timeout | undefined {
  if (!process.env['npm_lifecycle_event']) return undefined;
  const { ppid } = process;
  const above = commandOf(ppid)?.endsWith('sh') ? parentOf(ppid) : undefined;
  const watched = [ppid, ...(above ? [above] : [])].map((pid) => [pid, identityOf(pid)] as const);
  return setInterval(() => {
    if (watched.some(([pid, identity]) => identityOf(pid) !== identity)) gone();
  }, 1_000);
}

function sentenceOf(error: unknown, language: Language): string {
  if (error instanceof LockHeldError) return texts[language].alreadyRunning(error.pid);
  if (error instanceof StartRefusedError) return error.message;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
