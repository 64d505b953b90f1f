import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { stopLeftover } from '../leftover-process';
import { AdminClient } from './admin-client';
import { banner } from './banner';
import { setUpDemo, unconnected } from './demo-setup';
import { type InstallationSecrets, installationSecrets } from './installation-secrets';
import { LogBook } from './log-book';
import { conflictingPorts } from './port-check';
import { type AppPlan, type StackPlan } from './stack-plan';
import { StartRefusedError } from './start-refused.errors';
import { type StackStores, startStores } from './stores';
import { SupervisedApp } from './supervised-app';
import { type Texts, texts } from './texts';

export interface StackHome {
  /** The repository: working directory of the apps. */
  readonly root: string;
  /** Holds `<app>/main.js`. */
  readonly appsDir: string;
  readonly dataDir: string;
  /** Downloaded packages, whatever the data folder. */
  readonly cacheDir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly say: (line: string) => void;
}

const readyTimeoutMs = 180_000;
const listenTimeoutMs = 60_000;
const connectTimeoutMs = 20_000;
const progressMs = 10_000;

/** Everything that `npm start` brings up, in order, and takes down again in the reverse one. */
export class StackRun {
  private readonly texts: Texts;
  private readonly logs: LogBook;
  private readonly apps: SupervisedApp[] = [];
  private stores: StackStores | undefined;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly plan: StackPlan,
    private readonly home: StackHome,
  ) {
    this.texts = texts[plan.language];
    mkdirSync(join(home.dataDir, 'run'), { recursive: true });
    this.logs = new LogBook(join(home.dataDir, 'logs'), home.say, this.texts.moreLikeThis);
  }

  /**
   * Resolves when everything is ready and said, or when it was told to stop meanwhile.
   * @throws StartRefusedError  for what the person at the terminal can put right
   */
  async up(): Promise<void> {
    this.demandBuild();
    await this.clearTheWay();
    const { dataDir, env, say } = this.home;
    const secrets = installationSecrets(join(dataDir, 'secrets.json'), env);
    const stores = await startStores(this.plan, {
      dataDir,
      cacheDir: this.home.cacheDir,
      logs: this.logs,
      say,
      texts: this.texts,
    });
    this.stores = stores;
    if (this.stopping) return await stores.stop();
    const files = { FILES_DIR: env['FILES_DIR'] || join(dataDir, 'files') };
    const shared: NodeJS.ProcessEnv = { ...env, ...files, ...stores.env, ...secrets.env };
    delete shared['METRICS_PORT']; // one port for five processes cannot work
    const sandboxUrl = await this.startSandbox(shared);
    // What is launched after the word to stop would be neither started nor stopped.
    if (this.stopping) return;
    const platform = sandboxUrl
      ? {
          DINGTALK_API_URL: sandboxUrl,
          DINGTALK_OAPI_URL: sandboxUrl,
          DINGTALK_LOGIN_URL: sandboxUrl,
        }
      : {};
    const services = this.plan.apps.filter(({ name }) => name !== 'sandbox');
    for (const service of services) this.launch(service, { ...shared, ...platform });
    await this.untilReady();
    if (this.stopping) return;
    if (sandboxUrl) await this.setUp(secrets.env.ADMIN_API_KEY);
    if (!this.stopping) this.welcome(secrets, sandboxUrl);
  }

  /** Services, then the sandbox they still talk to, then the stores. */
  down(): Promise<void> {
    this.stopping ??= this.takeDown();
    return this.stopping;
  }

  /** Without waiting for anything; what stays is ended by the guard. */
  kill(): void {
    for (const app of this.apps) app.kill();
  }

  private async takeDown(): Promise<void> {
    const { say } = this.home;
    say(this.texts.stopping);
    const isSandbox = (app: SupervisedApp) => app.name === 'sandbox';
    await Promise.all(this.apps.filter((app) => !isSandbox(app)).map((app) => app.stop()));
    await Promise.all(this.apps.filter(isSandbox).map((app) => app.stop()));
    if (this.stores) {
      say(this.texts.stoppingStores);
      await this.stores.stop();
    }
    await this.logs.close();
  }

  private demandBuild(): void {
    const missing = this.plan.apps
      .map(({ name }) => this.scriptOf(name))
      .filter((file) => !existsSync(file));
    if (missing.length > 0) throw new StartRefusedError(`not built: ${missing.join(', ')}`);
  }

  /** What a killed run left, then the ports: nothing is started before they are known to be free. */
  private async clearTheWay(): Promise<void> {
    const { plan, texts: say } = this;
    await Promise.all(plan.apps.map(({ name }) => stopLeftover(this.pidFileOf(name))));
    const conflicts = await conflictingPorts(plan.apps, plan.bindHost);
    if (conflicts.length === 0) return;
    const lines = conflicts.map(({ port, app, variable }) => say.portInUse(port, app, variable));
    throw new StartRefusedError(lines.join('\n'));
  }

  private async startSandbox(env: NodeJS.ProcessEnv): Promise<string | undefined> {
    const plan = this.plan.apps.find(({ name }) => name === 'sandbox');
    if (!plan) return undefined;
    const sandbox = this.launch(plan, env);
    if (await sandbox.untilListening(listenTimeoutMs)) return sandbox.url;
    if (this.stopping) return undefined;
    throw new StartRefusedError(this.texts.notReady('sandbox', this.logs.fileOf('sandbox')));
  }

  private launch(plan: AppPlan, env: NodeJS.ProcessEnv): SupervisedApp {
    const { say } = this.home;
    const { name } = plan;
    const app = new SupervisedApp({
      plan,
      env,
      script: this.scriptOf(name),
      cwd: this.home.root,
      host: this.plan.bindHost,
      pidFile: this.pidFileOf(name),
      onLine: (line) => this.logs.take(name, line),
      onDeath: (how, againInMs) =>
        say(
          againInMs === undefined
            ? this.texts.appGaveUp(name, how)
            : this.texts.appDied(name, how, (againInMs / 1_000).toFixed(1)),
        ),
      stopDeadlineMs: this.plan.shutdownDeadlineMs,
    });
    this.apps.push(app);
    if (!this.stopping) app.start();
    return app;
  }

  private async untilReady(): Promise<void> {
    const startedAt = Date.now();
    const seconds = () => (Date.now() - startedAt) / 1_000;
    const waiting = new Set(this.apps.map((app) => app.name));
    const progress = setInterval(
      () => this.home.say(this.texts.appWaiting([...waiting].join(', '), Math.round(seconds()))),
      progressMs,
    );
    const one = async (app: SupervisedApp) => {
      if (await app.untilReady(readyTimeoutMs)) {
        waiting.delete(app.name);
        this.home.say(this.texts.appReady(app.name, seconds().toFixed(1)));
      } else if (!this.stopping) {
        throw new StartRefusedError(this.texts.notReady(app.name, this.logs.fileOf(app.name)));
      }
    };
    try {
      await Promise.all(this.apps.map(one));
    } finally {
      clearInterval(progress);
    }
  }

  /** Trouble here is told and no reason to stop: everything can be done by hand in the console. */
  private async setUp(key: string): Promise<void> {
    const { say, dataDir } = this.home;
    say(this.texts.settingUp);
    try {
      const api = new AdminClient(this.urlOf('admin-api'), key);
      const channels = await setUpDemo(api, this.plan.model, join(dataDir, 'demo'));
      for (const { name, why } of await unconnected(api, channels, connectTimeoutMs)) {
        say(this.texts.notConnected(name, why));
      }
    } catch (error) {
      if (!this.stopping)
        say(this.texts.setUpFailed(error instanceof Error ? error.message : String(error)));
    }
  }

  private welcome(secrets: InstallationSecrets, sandboxUrl: string | undefined): void {
    const kept = `${join(this.home.dataDir, 'secrets.json')} (ADMIN_API_KEY)`;
    const fromFile = secrets.isKeyNew ? this.texts.keyOnce(secrets.env.ADMIN_API_KEY) : kept;
    const key = secrets.isKeyFromEnvironment ? this.texts.keyFromEnvironment : fromFile;
    const facts = { adminUrl: this.urlOf('admin-api'), sandboxUrl, key, model: this.plan.model };
    this.home.say(banner({ ...facts, logs: join(this.home.dataDir, 'logs') }, this.texts));
  }

  private urlOf(name: string): string {
    return this.apps.find((app) => app.name === name)?.url ?? '';
  }

  private readonly scriptOf = (name: string) => join(this.home.appsDir, name, 'main.js');
  private readonly pidFileOf = (name: string) => join(this.home.dataDir, 'run', `${name}.json`);
}
