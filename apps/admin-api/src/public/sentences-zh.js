// What the service says in English, by its stable code: what is, and what to do.

const RECONNECTS =
  '无需处理，Carillon 会自动重连。如长时间不恢复，请检查 Carillon 与钉钉之间的网络。';
const CHECK_URL = '请检查 DINGTALK_API_URL 是否正确，以及中间是否有代理。';

const SCOPE = '\\w+(?:\\.\\w+)*';
const NAMED_SCOPES = new RegExp(`permission (?!for\\b)(${SCOPE}(?:(?:, | and )${SCOPE})*)`);

const SENTENCES = {
  connected: ['通道已连接到钉钉。'],
  connecting: ['正在连接钉钉。'],
  stopped: ['连接已主动关闭。'],
  disabled: ['通道已停用。', '启用后即可重新接收消息。'],
  gateway_silent: [
    '没有网关报告该通道的状态。',
    '请确认至少有一个网关在运行，并且能够访问数据库。',
  ],
  auth_failed: [
    '钉钉不接受该通道的 Client ID 和 Client Secret。',
    '请在钉钉开发者后台该应用的“凭证与基础信息”页重新复制 Client ID 和 Client Secret，前后不要带空格。',
  ],
  not_in_stream_mode: [
    '该应用的机器人没有使用 Stream 模式接收消息。',
    '请在钉钉开发者后台把机器人的消息接收模式设为 Stream，并发布新版本。',
  ],
  http_callbacks: ['该应用的消息通过 HTTP 回调到达，未使用 Stream 模式。'],
  not_published: ['应用或其机器人尚未发布。', '请在钉钉开发者后台创建版本并发布。'],
  open_rejected: [
    '钉钉拒绝为该应用建立 Stream 连接。',
    '请在钉钉开发者后台确认应用已启用并发布、机器人使用 Stream 模式，且凭证前后没有空格。',
  ],
  ip_not_allowed: [
    '本服务器的地址不在应用的 IP 白名单中。',
    '请在钉钉开发者后台把 Carillon 的公网出口地址加入该应用的 IP 白名单。',
  ],
  ip_banned: [
    '由于调用过多，钉钉已封禁本服务器的地址五分钟。',
    '请等待五分钟；如再次发生，请减少从该地址发出的调用。',
  ],
  throttled: ['钉钉正在对该应用限流。', '请稍后再试；Carillon 也会自动重连。'],
  quota_used_up: ['该组织本月的钉钉调用额度已用完。', '请在钉钉管理后台购买额度，或等待下个月。'],
  platform_unavailable: ['建立连接时钉钉返回服务器错误。', RECONNECTS],
  unusable_answer: ['钉钉对连接请求的响应无法使用。', CHECK_URL],
  insecure_endpoint: ['钉钉给出的连接地址未加密，或不是 WebSocket 地址。', CHECK_URL],
  address_refused: [
    '此通道的 endpoint 指向非公网地址。',
    '请把 endpoint 改为公网地址，或由运维人员用平台密钥设置。',
  ],
  open_timeout: ['钉钉没有及时响应连接请求。', RECONNECTS],
  connection_refused: [
    '钉钉主机拒绝连接。',
    '请检查 DINGTALK_API_URL，以及防火墙是否允许访问外部 443 端口。',
  ],
  host_not_found: ['无法解析钉钉主机名。', '请检查 DINGTALK_API_URL 和本机的 DNS。'],
  tls_failed: [
    '无法与钉钉建立加密连接。',
    '请检查本机的时钟和证书；私有 CA 由 NODE_EXTRA_CA_CERTS 指定。',
  ],
  connection_reset: ['建立连接时网络中断。', RECONNECTS],
  handshake_refused: ['Stream 主机拒绝了 WebSocket 握手。', RECONNECTS],
  handshake_timeout: ['Stream 主机没有响应 WebSocket 握手。', RECONNECTS],
  connection_lost: ['与钉钉的连接中断。', RECONNECTS],
  connection_closed: ['钉钉关闭了连接。', RECONNECTS],
  dropped_repeatedly: [
    '钉钉接受该应用的连接后，连续多次在一分钟内断开。',
    '请在钉钉开发者后台确认应用已启用，并且没有其他程序使用相同的 Client ID 建立 Stream 连接。',
  ],
  no_heartbeat: ['钉钉在该连接上不再响应，连接已放弃。', RECONNECTS],
  protocol_error: ['钉钉发来的内容不是有效的 WebSocket 帧，或过大。', RECONNECTS],
  card_permission_missing: [
    (english) => `应用缺少卡片权限${scopesIn(english)}，回答将以 Markdown 消息发送。`,
    '请在钉钉开发者后台授予该权限并发布应用，然后重新连接该通道。',
  ],
  card_template_unusable: [
    '卡片模板或其内容变量名不适用于该应用。',
    '请检查卡片模板 ID 和内容变量名，并确认模板已发布。',
  ],
  bad_credentials: ['钉钉拒绝了 Client ID 或 Client Secret。', '请在钉钉开发者后台重新复制两者。'],
  missing_scope: [
    (english) => `应用缺少权限${scopesIn(english)}。`,
    '请在钉钉开发者后台为应用授予该权限。',
  ],
  unreachable: ['从本机无法访问钉钉。', '请检查网络和 DINGTALK_API_URL。'],
  not_tried: ['未检查：前面的检查没有通过。', '请先解决前面的问题。'],
  unauthorized: ['密钥无效。'],
  forbidden: ['该密钥的角色无权执行此操作。'],
  not_found: ['该资源已不存在，请再试一次。'],
  idempotency_key_in_use: ['上一次保存仍在进行，请稍后再试。'],
  not_ready: ['服务尚未就绪，请稍后再试。'],
  database_unavailable: ['暂时无法访问数据库，请稍后再试。'],
  database_busy: ['数据库繁忙，请稍后再试。'],
  internal_error: ['服务内部出错，详情见日志。'],
};
const CHECKS = {
  stream: SENTENCES.connected,
  token: ['凭证有效。'],
  scopes: ['可以写入卡片。'],
  template: ['卡片模板可用。'],
};
const FIELDS = {
  'is required': '请填写此项。',
  'must be an http or https address': '必须是以 http:// 或 https:// 开头的地址。',
  'must not contain credentials': '地址中不能包含用户名或密码。',
};

/** @param part `message`, `userAction`, `field` (the code is the English text) or `check` (the code is its name) */
export function inChinese(code, part, english) {
  if (part === 'field') return FIELDS[english];
  if (part === 'check') return CHECKS[code]?.[0];
  const [message, userAction] = SENTENCES[code] ?? [];
  if (part === 'userAction') return userAction;
  return typeof message === 'function' ? message(english) : message;
}

/** The names of permissions are the same in every language. */
function scopesIn(english) {
  const [, scopes] = NAMED_SCOPES.exec(english) ?? [];
  return scopes ? ` ${scopes.replaceAll(/, | and /g, '、')}` : '';
}
