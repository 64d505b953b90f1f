/** Everything `npm start` says, in two languages. */
export interface Texts {
  readonly alreadyRunning: (pid: number) => string;
  readonly portInUse: (port: number, app: string, variable: string) => string;
  readonly preparing: (store: string) => string;
  readonly storeUp: (origin: string) => string;
  readonly volatile: string;
  readonly dataElsewhere: (place: string) => string;
  readonly appReady: (app: string, seconds: string) => string;
  readonly appWaiting: (apps: string, seconds: number) => string;
  readonly appDied: (app: string, how: string, seconds: string) => string;
  readonly appGaveUp: (app: string, how: string) => string;
  readonly storeDied: (store: string) => string;
  readonly notReady: (app: string, log: string) => string;
  readonly settingUp: string;
  readonly notConnected: (channel: string, why: string) => string;
  readonly setUpFailed: (why: string) => string;
  readonly moreLikeThis: (count: number) => string;
  readonly running: string;
  readonly consoleAt: string;
  readonly documentsAt: string;
  readonly sandboxAt: string;
  readonly keyAt: string;
  readonly keyFromEnvironment: string;
  readonly keyOnce: (key: string) => string;
  readonly logsAt: string;
  readonly demoAgent: string;
  readonly modelAgent: (model: string) => string;
  readonly realPlatform: string;
  readonly howToStop: string;
  readonly stopping: string;
  readonly stoppingStores: string;
  readonly stopped: string;
  readonly forced: string;
}

const english: Texts = {
  alreadyRunning: (pid) =>
    `Carillon is already running from this folder (process ${pid}). Stop it first: Ctrl-C there, or kill ${pid}.`,
  portInUse: (port, app, variable) =>
    `Port ${port} for ${app} is in use. Free it, or choose another one with ${variable}.`,
  preparing: (store) => `starting ${store} …`,
  storeUp: (origin) => `  ${origin}`,
  volatile: '  This Redis keeps nothing over a restart; install redis-server for one that does.',
  dataElsewhere: (place) =>
    `  Its data is in ${place}, because the database must not run as root and cannot enter this folder.`,
  appReady: (app, seconds) => `  ${app} is ready (${seconds} s)`,
  appWaiting: (apps, seconds) => `  waiting for ${apps} (${seconds} s)`,
  appDied: (app, how, seconds) => `${app} ended (${how}); starting it again in ${seconds} s`,
  appGaveUp: (app, how) => `${app} ended (${how}) and is not started again`,
  storeDied: (store) => `${store} ended by itself; starting it again`,
  notReady: (app, log) => `${app} did not become ready. Its log: ${log}`,
  settingUp: 'setting up the demo …',
  notConnected: (channel, why) => `${channel} is not connected yet: ${why}`,
  setUpFailed: (why) => `The demo could not be set up: ${why}`,
  moreLikeThis: (count) => `(${count} more like this)`,
  running: 'Carillon is running',
  consoleAt: 'Console and API',
  documentsAt: 'API documents',
  sandboxAt: 'Sandbox (chat here)',
  keyAt: 'Admin key',
  keyFromEnvironment: 'ADMIN_API_KEY of the environment',
  keyOnce: (key) => `${key}   (shown this once)`,
  logsAt: 'Logs',
  demoAgent: 'A demo agent answers. For a model: OPENAI_BASE_URL, OPENAI_API_KEY, OPENAI_MODEL.',
  modelAgent: (model) => `${model} answers.`,
  realPlatform: 'DINGTALK_API_URL is set: no sandbox. Add your channels in the console.',
  howToStop: 'Ctrl-C stops everything.',
  stopping: 'stopping: services finish what they have in hand (Ctrl-C again: at once) …',
  stoppingStores: 'stopping stores …',
  stopped: 'stopped',
  forced: 'stopped by force',
};

const chinese: Texts = {
  alreadyRunning: (pid) =>
    `Carillon 已在此目录中运行（进程 ${pid}）。请先停止：在其终端按 Ctrl-C，或执行 kill ${pid}。`,
  portInUse: (port, app, variable) =>
    `${app} 的端口 ${port} 已被占用。请释放该端口，或用 ${variable} 另选一个。`,
  preparing: (store) => `正在启动 ${store} …`,
  storeUp: (origin) => `  ${origin}`,
  volatile: '  此 Redis 重启后不保留数据；安装 redis-server 即可持久化。',
  dataElsewhere: (place) => `  数据位于 ${place}：数据库不能以 root 运行，也无法进入当前目录。`,
  appReady: (app, seconds) => `  ${app} 就绪（${seconds} 秒）`,
  appWaiting: (apps, seconds) => `  正在等待 ${apps}（${seconds} 秒）`,
  appDied: (app, how, seconds) => `${app} 已退出（${how}），${seconds} 秒后重新启动`,
  appGaveUp: (app, how) => `${app} 已退出（${how}），不再重新启动`,
  storeDied: (store) => `${store} 意外退出，正在重新启动`,
  notReady: (app, log) => `${app} 未能就绪，日志：${log}`,
  settingUp: '正在准备演示数据 …',
  notConnected: (channel, why) => `${channel} 尚未连接：${why}`,
  setUpFailed: (why) => `演示数据准备失败：${why}`,
  moreLikeThis: (count) => `（另有 ${count} 条相同）`,
  running: 'Carillon 已启动',
  consoleAt: '控制台与 API',
  documentsAt: 'API 文档',
  sandboxAt: '沙箱（在此聊天）',
  keyAt: '管理密钥',
  keyFromEnvironment: '环境变量 ADMIN_API_KEY',
  keyOnce: (key) => `${key}   （仅显示这一次）`,
  logsAt: '日志',
  demoAgent: '当前由演示智能体回答。接入模型：OPENAI_BASE_URL、OPENAI_API_KEY、OPENAI_MODEL。',
  modelAgent: (model) => `当前由 ${model} 回答。`,
  realPlatform: '已设置 DINGTALK_API_URL：不启动沙箱，请在控制台中添加通道。',
  howToStop: '按 Ctrl-C 停止全部。',
  stopping: '正在停止：各服务先完成手头的工作（再按一次 Ctrl-C 立即停止）…',
  stoppingStores: '正在停止存储 …',
  stopped: '已停止',
  forced: '已强制停止',
};

export type Language = 'en' | 'zh';

export const texts: Readonly<Record<Language, Texts>> = { en: english, zh: chinese };

/** As the C library does: the first of LC_ALL, LC_MESSAGES and LANG that is set. */
export function languageOf(env: NodeJS.ProcessEnv): Language {
  const locale = env['LC_ALL'] || env['LC_MESSAGES'] || env['LANG'] || '';
  return locale.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
