import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { freePort } from '../src/ports';
import { projectRoot } from '../src/project-root';
import { waitUntil } from '../src/wait-until';

const apps = ['sandbox', 'admin-api', 'gateway', 'dispatcher', 'generator', 'sender'] as const;
export type AppName = (typeof apps)[number];

const startModule = join(projectRoot(), 'dist', 'tools', 'stack', 'src', 'start.js');
const startScript = `require(${JSON.stringify(startModule)}).startStack().then((code) => process.exit(code))`;

/** `npm start` on fake apps, in a folder of its own, on ports of its own. */
export class StartUnderTest {
  readonly lines: string[] = [];
  private child: ChildProcess | undefined;

  private constructor(
    readonly dataDir: string,
    private readonly appsDir: string,
    readonly ports: Readonly<Record<AppName, number>>,
  ) {}

  static async in(folder: string): Promise<StartUnderTest> {
    const appsDir = join(folder, 'apps');
    const fake = JSON.stringify(pathToFileURL(join(__dirname, 'fake-app.mjs')).href);
    const ports: Partial<Record<AppName, number>> = {};
    for (const app of apps) {
      ports[app] = await freePort();
      mkdirSync(join(appsDir, app), { recursive: true });
      const call = `fakeApp('${app}', ${JSON.stringify(join(folder, 'rows.json'))})`;
      const script = `import(${fake}).then(({ fakeApp }) => ${call});\n`;
      writeFileSync(join(appsDir, app, 'main.js'), script);
    }
    return new StartUnderTest(join(folder, 'data'), appsDir, ports as Record<AppName, number>);
  }

  start(env: NodeJS.ProcessEnv = {}): ChildProcess {
    return this.launch([process.execPath, '-e', startScript], env);
  }

  /** As npm does: through a shell that stays in between, below a process that stands for npm. */
  startBelowNpm(): ChildProcess {
    const below = `${process.execPath} -e '${startScript}'; exit $?`;
    const npm = `require("node:child_process").spawn("/bin/sh", ["-c", process.argv[1]], { stdio: "inherit" })`;
    return this.launch([process.execPath, '-e', npm, below], { npm_lifecycle_event: 'start' });
  }

  private launch([command = '', ...args]: string[], env: NodeJS.ProcessEnv): ChildProcess {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...this.environment(), ...env },
    });
    child.stdout.on('data', (chunk: Buffer) => this.lines.push(...chunk.toString().split('\n')));
    this.child = child;
    return child;
  }

  get text(): string {
    return this.lines.join('\n');
  }

  /** Waits for something it says. */
  async says(what: RegExp, timeoutMs = 90_000): Promise<void> {
    const said = () => (what.test(this.text) ? true : undefined);
    if (!(await waitUntil(said, timeoutMs))) throw new Error(`never said ${what}:\n${this.text}`);
  }

  stop(): void {
    this.child?.kill('SIGTERM');
  }

  /** Waits for its end; answers the exit code. */
  async end(): Promise<number | null> {
    const { child } = this;
    if (!child) return null;
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    return child.exitCode;
  }

  async ask<T>(app: AppName, path: string): Promise<T> {
    return (await (await fetch(`http://127.0.0.1:${this.ports[app]}${path}`)).json()) as T;
  }

  /** Process ids of everything that runs now, apps and stores. */
  pids(): number[] {
    const run = join(this.dataDir, 'run');
    const files = [
      ...(existsSync(run) ? readdirSync(run).map((name) => join(run, name)) : []),
      ...['postgres', 'redis'].map((store) => join(this.dataDir, store, 'process.json')),
    ];
    return files
      .filter((file) => existsSync(file))
      .map((file) => (JSON.parse(readFileSync(file, 'utf8')) as { pid: number }).pid);
  }

  private environment(): NodeJS.ProcessEnv {
    const ports = apps.map((app) => [
      `${app.toUpperCase().replace('-', '_')}_PORT`,
      String(this.ports[app]),
    ]);
    const { PATH, HOME } = process.env;
    return {
      PATH,
      HOME,
      LANG: 'C',
      CARILLON_DATA_DIR: this.dataDir,
      CARILLON_APPS_DIR: this.appsDir,
      ...Object.fromEntries(ports),
    };
  }
}
