import type { Language } from './environment';

/** What the command line says to people. The answers of the API speak for themselves. */
const sentences = {
  notLoggedIn: {
    en: 'No address or key: carillon login, or CARILLON_URL and CARILLON_KEY.',
    zh: '没有地址或密钥：请先 carillon login，或设置 CARILLON_URL 和 CARILLON_KEY。',
  },
  loggedIn: { en: 'Logged in; kept in {file}.', zh: '已登录，保存在 {file}。' },
  loggedOut: { en: 'Logged out.', zh: '已退出登录。' },
  unreachable: { en: '{url} cannot be reached.', zh: '无法连接 {url}。' },
  noKeyGiven: {
    en: 'Give the key in CARILLON_KEY, or on the standard input with --key-stdin.',
    zh: '请用 CARILLON_KEY 提供密钥，或加 --key-stdin 从标准输入读取。',
  },
  nothing: { en: 'Nothing.', zh: '没有。' },
  noSuchChannel: {
    en: 'There is no channel "{name}" (id, client id or name).',
    zh: '没有渠道“{name}”（ID、Client ID 或名称）。',
  },
  severalChannels: {
    en: 'Several channels are called "{name}": use the id.',
    zh: '有多个渠道叫“{name}”：请用 ID。',
  },
  whichChannels: { en: 'Name channels, or --all.', zh: '请指定渠道，或使用 --all。' },
  missingVariable: {
    en: 'The document needs these environment variables: {names}.',
    zh: '文档需要这些环境变量：{names}。',
  },
  badYaml: { en: '{file} is not valid YAML: {why}', zh: '{file} 不是有效的 YAML：{why}' },
  unreadable: { en: '{file} cannot be read.', zh: '无法读取 {file}。' },
  create: { en: 'create', zh: '新建' },
  update: { en: 'update', zh: '修改' },
  unchanged: { en: 'unchanged', zh: '不变' },
  dryRun: { en: 'Nothing was done (dry run).', zh: '未做任何修改（试运行）。' },
  done: { en: 'Done.', zh: '完成。' },
  chainWhole: { en: 'The audit log is whole: {rows} rows.', zh: '审计日志完整：共 {rows} 条。' },
  chainBroken: {
    en: 'The audit log is broken at number {seq} (row {id}): {breach}.',
    zh: '审计日志在第 {seq} 号（行 {id}）处断裂：{breach}。',
  },
  keyShownOnce: { en: 'Shown this once:', zh: '仅显示这一次：' },
  allWell: { en: 'Everything is in order.', zh: '一切正常。' },
  problems: { en: '{count} of {all} checks failed.', zh: '{all} 项检查中有 {count} 项未通过。' },
} as const satisfies Record<string, Record<Language, string>>;

export type Sentence = keyof typeof sentences;
export type Say = (key: Sentence, values?: Readonly<Record<string, string>>) => string;

export const sayIn =
  (language: Language): Say =>
  (key, values = {}) =>
    sentences[key][language].replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '');
