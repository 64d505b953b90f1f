/** Why a picture or file cannot be read, as part of a sentence. The keys are the codes of `file.error_code`. */
const reasons = {
  file_expired: {
    zh: '钉钉不再提供这个文件',
    en: 'DingTalk does not hand it out any more',
  },
  file_gone: { zh: '文件下载不到', en: 'it is not there to be fetched' },
  file_not_allowed: {
    zh: '文件的地址不在允许的范围内',
    en: 'it is at a place that is not allowed',
  },
  file_not_permitted: {
    zh: '这个机器人没有下载文件的权限，请联系管理员',
    en: 'this bot lacks the permission to fetch files; please tell its administrator',
  },
  file_too_large: { zh: '文件太大', en: 'it is too large' },
  file_unreachable: { zh: '文件暂时下载不到', en: 'it cannot be fetched right now' },
  file_not_stored: { zh: '文件暂时无法保存', en: 'it cannot be stored right now' },
  file_late: { zh: '文件还没有下载完', en: 'it has not been fetched yet' },
  file_type_unknown: { zh: '不支持这种文件格式', en: 'files of this kind cannot be read' },
  file_damaged: { zh: '文件已损坏', en: 'it is damaged' },
  file_encrypted: { zh: '文件有密码保护', en: 'it is protected by a password' },
  file_too_complex: { zh: '文件太复杂', en: 'there is too much in it' },
  file_no_text: {
    zh: '文件里没有可以读取的文字（例如扫描件）',
    en: 'there are no words in it (it may be scanned)',
  },
  file_unwanted: {
    zh: '暂时听不懂语音、看不懂视频',
    en: 'sounds and videos cannot be understood yet',
  },
  picture_unseen: { zh: '当前的模型看不了图片', en: 'this model cannot see pictures' },
  picture_too_large: { zh: '图片太大', en: 'the picture is too large for a model' },
  allowance_used_up: {
    zh: '企业本月的钉钉接口调用量已用完',
    en: "the organisation's allowance of DingTalk calls is used up",
  },
} satisfies Record<string, Record<'zh' | 'en', string>>;

export type FileReason = keyof typeof reasons;

/** What the person, or the agent, is told. A code we do not know is told as the most general one. */
export const fileReason = (code: string | null, locale: 'zh' | 'en'): string =>
  (reasons[code as FileReason] ?? reasons.file_unreachable)[locale];
