/** Both languages of the page. The choice is kept; first comes the browser's. */
const WORDS = {
  en: {
    skip: 'Skip to the message field',
    sandbox: 'Sandbox',
    tagline: 'A DingTalk on your own machine',
    youAre: 'You are',
    chats: 'Chats',
    bots: 'Bots',
    groups: 'Groups',
    faults: 'Make things go wrong',
    faultsHint: 'Each switch makes the platform misbehave until you turn it off.',
    announceDisconnect: 'Ask the bot to reconnect',
    cutConnections: 'Cut the connections',
    resetAll: 'Clear everything',
    language: 'Language',
    openMenu: 'Chats and settings',
    messages: 'Messages',
    mention: 'Mention a bot',
    message: 'Message',
    placeholder: 'Write a message… (Enter sends, Shift+Enter: new line)',
    send: 'Send',
    attach: 'Attach pictures or files',
    remove: (name) => `Remove ${name}`,
    onlyPictures: 'In a group, only pictures can be sent with a mention.',
    tooLarge: (name) => `${name} is larger than 20 MB.`,
    stop: 'Stop',
    agree: 'Yes',
    decline: 'No',
    answer: 'Your answer',
    you: 'you',
    external: 'external',
    admin: 'admin',
    connected: (n) => (n === 1 ? 'connected' : `connected, ${n} connections`),
    notConnected: 'not connected',
    botNotConnected: (name) =>
      `${name} is not connected. The message waits and is delivered when it connects.`,
    members: (n) => `${n} people`,
    empty: (name) => `Say something to ${name}.`,
    emptyGroup: 'Mention a bot to ask it something. The others in the group only read.',
    processing: 'Thinking',
    inputting: 'Typing',
    finished: 'Finished',
    failed: 'Failed',
    blank: '(blank card)',
    viaWebhook: 'reply',
    viaRobot: 'message',
    viaCustom: 'webhook robot',
    mentioned: 'mentioned',
    clicked: 'The bot acknowledged the click.',
    notAcked: 'The bot did not acknowledge the click in time.',
    offline: 'The sandbox does not answer. Trying again…',
    sendFailed: 'Not sent',
    violations: (n) => `${n} protocol violation${n === 1 ? '' : 's'} by the bots`,
    noConnections: 'No bot is connected.',
    told: (n) => `Done for ${n} connection${n === 1 ? '' : 's'}.`,
    fault: {
      template: 'Cards: unknown template',
      deliver: 'Cards: delivery fails quietly',
      throttle: 'Every third card update is throttled',
      final: 'The last card update fails',
      webhook: 'Reply webhooks are expired',
      slow: 'Every call takes 3 s longer',
      auth: 'Stream: credentials are refused',
      scope: 'Cards: permission is missing',
      quota: 'Monthly allowance is used up',
      fileCode: 'Files: the code has expired',
      fileGone: 'Files: the link answers 404',
      fileSlow: 'Files: downloads take 5 s longer',
      fileHuge: 'Files: every download has 200 MB',
    },
  },
  zh: {
    skip: '跳到消息输入框',
    sandbox: '沙箱',
    tagline: '运行在你自己机器上的钉钉',
    youAre: '你的身份',
    chats: '会话',
    bots: '机器人',
    groups: '群聊',
    faults: '模拟故障',
    faultsHint: '打开后平台会一直出错，直到关闭开关。',
    announceDisconnect: '通知机器人重连',
    cutConnections: '切断连接',
    resetAll: '清空全部',
    language: '语言',
    openMenu: '会话与设置',
    messages: '消息',
    mention: '@ 机器人',
    message: '消息',
    placeholder: '输入消息…（Enter 发送，Shift+Enter 换行）',
    send: '发送',
    attach: '发送图片或文件',
    remove: (name) => `移除 ${name}`,
    onlyPictures: '群聊里只能随 @ 发送图片。',
    tooLarge: (name) => `${name} 超过 20 MB。`,
    stop: '停止',
    agree: '确认',
    decline: '取消',
    answer: '您的回答',
    you: '你',
    external: '外部',
    admin: '管理员',
    connected: (n) => (n === 1 ? '已连接' : `已连接，共 ${n} 条连接`),
    notConnected: '未连接',
    botNotConnected: (name) => `${name} 未连接。消息已保留，机器人连接后会送达。`,
    members: (n) => `${n} 人`,
    empty: (name) => `和 ${name} 说点什么吧。`,
    emptyGroup: '@ 机器人即可提问，群里其他人只能看到消息。',
    processing: '思考中',
    inputting: '输入中',
    finished: '已完成',
    failed: '失败',
    blank: '（空白卡片）',
    viaWebhook: '回复',
    viaRobot: '消息',
    viaCustom: '自定义机器人',
    mentioned: '提到了',
    clicked: '机器人已确认点击。',
    notAcked: '机器人没有及时确认点击。',
    offline: '沙箱没有响应，正在重试…',
    sendFailed: '发送失败',
    violations: (n) => `机器人违反协议 ${n} 次`,
    noConnections: '没有机器人连接。',
    told: (n) => `已处理 ${n} 条连接。`,
    fault: {
      template: '卡片：模板不存在',
      deliver: '卡片：投放悄悄失败',
      throttle: '每三次卡片更新限流一次',
      final: '最后一次卡片更新失败',
      webhook: '回复 Webhook 已过期',
      slow: '每次调用多等 3 秒',
      auth: 'Stream：凭证被拒绝',
      scope: '卡片：缺少权限',
      quota: '本月调用量已用完',
      fileCode: '文件：下载码已过期',
      fileGone: '文件：链接返回 404',
      fileSlow: '文件：下载慢 5 秒',
      fileHuge: '文件：每个下载都有 200 MB',
    },
  },
};

const KEY = 'carillon-sandbox-language';
let language = stored() ?? (navigator.language.toLowerCase().startsWith('zh') ? 'zh' : 'en');

export const currentLanguage = () => language;

/** The words for a key in the present language. */
export function t(key, ...values) {
  const word = WORDS[language][key];
  return typeof word === 'function' ? word(...values) : word;
}

export function setLanguage(next) {
  language = next === 'zh' ? 'zh' : 'en';
  localStorage.setItem(KEY, language);
  translatePage();
}

/** Fills every element that names its words in the markup. */
export function translatePage() {
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.title = `Carillon ${t('sandbox')}`;
  for (const node of document.querySelectorAll('[data-i18n]'))
    node.textContent = t(node.dataset.i18n);
  for (const node of document.querySelectorAll('[data-i18n-label]')) {
    node.setAttribute('aria-label', t(node.dataset.i18nLabel));
  }
  for (const node of document.querySelectorAll('[data-i18n-placeholder]')) {
    node.placeholder = t(node.dataset.i18nPlaceholder);
  }
  for (const node of document.querySelectorAll('[data-lang]')) {
    node.setAttribute('aria-pressed', String(node.dataset.lang === language));
  }
}

function stored() {
  const value = localStorage.getItem(KEY);
  return value === 'zh' || value === 'en' ? value : undefined;
}
