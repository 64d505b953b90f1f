/** Why somebody is not answered, in both languages. Part of `sentences`. */
export const refusalSentences = {
  channelDisabled: {
    zh: '这个机器人已被管理员停用，您的问题没有被处理。',
    en: 'This bot was switched off by its administrator, so your question was not answered.',
  },
  maintenance: {
    zh: '机器人正在维护，请稍后再试。',
    en: 'This bot is under maintenance. Please try again later.',
  },
  outsideHours: {
    zh: '现在不在服务时间内（{hours}）。',
    en: 'This bot answers at these times only: {hours}.',
  },
  directNotAllowed: {
    zh: '这个机器人只在群里回答。',
    en: 'This bot answers in groups only.',
  },
  groupNotAllowed: {
    zh: '这个机器人只在单聊里回答。',
    en: 'This bot answers in direct chats only.',
  },
  externalNotAllowed: {
    zh: '这个机器人只为本组织的成员服务。',
    en: 'This bot answers people of its own organisation only.',
  },
  accessDenied: {
    zh: '您还没有使用这个机器人的权限，请联系管理员。',
    en: 'You may not use this bot. Please ask its administrator.',
  },
  accessUnreadable: {
    zh: '这个机器人的访问规则有误，请联系管理员。',
    en: 'The access rules of this bot are not set up correctly. Please tell its administrator.',
  },
  pairingAsked: {
    zh: '已向管理员申请使用这个机器人（编号 {ref}），批准后即可提问。',
    en: 'The administrator was asked to let you use this bot (reference {ref}). You can ask once that is approved.',
  },
  pairingApproved: {
    zh: '管理员已批准您使用 {bot}，现在可以提问了。',
    en: 'You may use {bot} now: the administrator has approved your request.',
  },
  pairingPending: {
    zh: '您的使用申请还在等待管理员批准（编号 {ref}）。',
    en: 'Your request to use this bot still waits for its administrator (reference {ref}).',
  },
  tooManyMessages: {
    zh: '您发得太快了，请稍等一分钟。',
    en: 'You write faster than allowed. Please wait a minute.',
  },
  dailyQuota: {
    zh: '您今天的提问次数已用完，请明天再来。',
    en: 'You have used up your questions for today. Please come back tomorrow.',
  },
  channelBusy: {
    zh: '这个机器人现在的提问太多，请稍后再试。',
    en: 'This bot gets too many questions right now. Please try again later.',
  },
  channelQuota: {
    zh: '这个机器人今天的提问次数已用完，请明天再来。',
    en: 'This bot has answered all it may for today. Please come back tomorrow.',
  },
  queueFull: {
    zh: '您已有 {count} 个问题在排队，请等它们回答完再问。',
    en: '{count} of your questions wait already. Please ask again when they are answered.',
  },
  memberUnknown: {
    zh: '我还不认识您，请联系管理员把您加进来。',
    en: 'I do not know you yet. Please ask the administrator to add you.',
  },
  lookUpNotPermitted: {
    zh: '无法确认您的身份：应用缺少权限 {permission}，请联系管理员。',
    en: 'I could not find out who you are: the app lacks the permission {permission}. Please tell its administrator.',
  },
  lookUpFailed: {
    zh: '暂时无法确认您的身份，请稍后再试。',
    en: 'I could not find out who you are right now. Please try again in a moment.',
  },
} as const;
