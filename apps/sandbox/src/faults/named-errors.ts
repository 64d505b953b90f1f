import { ApiError, LegacyError, type ApiReply } from '../platform/api-error';

const denied =
  (code: string, message: string, extra: Record<string, unknown> = {}) =>
  () =>
    new ApiError(403, `Forbidden.AccessDenied.${code}`, message, extra);
const refused =
  (code: string, message = code) =>
  () =>
    new ApiError(400, code, message);
const failed =
  (status: number, code: string, message = code) =>
  () =>
    new ApiError(status, code, message);

/** Named errors of the new API (§1.6, §5.5, §6.7, §7.1). `scope` is what the called API needs. */
const NEW: Readonly<Record<string, (scope: string) => ApiError>> = {
  invalidToken: refused('InvalidAuthentication', '不合法的access_token'),
  unauthorized: failed(401, 'InvalidAuthentication', '不合法的access_token'),
  invalidClient: refused('invalidClientIdOrSecret', '无效的clientId或者clientSecret'),
  authFailed: failed(401, 'authFailed', '鉴权失败'),
  scope: (scope) => scopeError(scope),
  ipNotInWhiteList: denied('IpNotInWhiteList', '请求IP不在应用的IP白名单中'),
  qps: denied('QpsLimitForAppkeyAndApi', '应用调用该接口的QPS超过限制'),
  qpsApi: denied('QpsLimitForApi', '该接口的总QPS超过限制'),
  qpm: denied('QpmLimitForAppkeyAndApi', '应用调用该接口的每分钟次数超过限制'),
  quota: denied('ApiCountLimitForOrg', '企业的API调用量已达当月上限'),
  tooMany: failed(429, 'system.busy', '系统繁忙'),
  busy: failed(500, 'system.busy', '系统繁忙'),
  systemError: failed(500, 'system.error', '系统错误'),
  systemErr: failed(500, 'system.err', 'system err'),
  unknownError: failed(500, 'unknownError', '未知错误'),
  gatewayTimeout: failed(504, 'ServiceUnavailable', 'backend timeout'),
  unavailable: failed(503, 'ServiceUnavailable', 'service unavailable'),
  tooFast: refused('send.too.fast', '发送过快'),
  templateNotExist: refused('param.templateNotExist', 'template is not exist'),
  templateUnpublished: refused('param.templateUnpublished', 'template is unpublished'),
  cardNotExist: refused('param.cardNotExist', 'card is not exist'),
  cardAlreadyExist: refused('param.cardAlreadyExist', 'card is already exist'),
  streamCardNotExist: refused('param.stream.outTrackId', 'card is not exist'),
  contentUnsafe: refused('param.contentUnsafe', 'content is unsafe'),
  contentTooLarge: refused('param.stream.content', 'content is too large'),
  notDownloadable: refused('invalidParameter.robotCode.downloadCode', '下载码错误或已过期'),
};

const legacy =
  (errcode: number, errmsg: string, extra: Record<string, unknown> = {}) =>
  () =>
    new LegacyError(errcode, errmsg, extra);

/** The same names in the words of the legacy API. */
const LEGACY: Readonly<Record<string, () => LegacyError>> = {
  invalidToken: legacy(40014, '不合法的access_token'),
  expiredToken: legacy(42001, 'access_token超时'),
  invalidClient: legacy(40089, '不合法的corpid或corpsecret，或者不合法的appkey或appsecret'),
  scope: legacy(88, 'ding talk error[subcode=60011,submsg=没有调用该接口的权限]', {
    sub_code: '60011',
    sub_msg: '没有调用该接口的权限',
  }),
  ipNotInWhiteList: legacy(60020, '访问ip不在白名单之中'),
  qps: legacy(90018, '应用调用该接口的QPS超过限制'),
  qpsApi: legacy(90002, 'requests exceeded 300, punishment ends soon'),
  quota: legacy(90020, '企业的API调用量已达当月上限'),
  webhookQuota: legacy(90030, 'webhook调用量已达上限'),
  busy: legacy(-1, '系统繁忙'),
  systemError: legacy(-1, '系统繁忙'),
  sessionExpired: legacy(300001, 'session 不存在'),
  tooLong: legacy(460101, 'message too long, exceed 20000 bytes'),
  tooFast: legacy(130101, 'send too fast, exceed 20 times per minute'),
};

/** 403 with the scopes that are missing (C5). */
export function scopeError(scope: string): ApiError {
  const page = 'https://open.dingtalk.com/document/orgapp-server/add-api-permission';
  return new ApiError(
    403,
    'Forbidden.AccessDenied.AccessTokenPermissionDenied',
    `没有调用该接口的权限，接口权限申请参考：${page}`,
    { accessdenieddetail: { requiredScopes: [scope] } },
  );
}

const BAN = { status: 1111, wait: 5, source: 'x5', punish: 'deny' };
/** Shapes that are no API error at all: the egress IP is banned (C67). */
const RAW: Readonly<Record<string, () => ApiReply>> = {
  ipBan: () => ({ status: 403, body: { ...BAN, uuid: 'a1b2c3d4e5f6' } }),
  ipBan200: () => ({ status: 200, body: { ...BAN, uuid: 'a1b2c3d4e5f6' } }),
  ipBanHtml: () => ({ ...htmlPage('Access denied'), status: 403 }),
  proxyHtml: () => ({ ...htmlPage('The plain HTTP request was sent to HTTPS port'), status: 400 }),
};

/** An HTML page where JSON was expected (C8). */
export function htmlPage(title: string): ApiReply {
  return {
    status: 400,
    headers: { 'content-type': 'text/html; charset=utf-8' },
    body: `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1></body></html>`,
  };
}

export const errorNames = (): string[] => [
  ...new Set([...Object.keys(NEW), ...Object.keys(LEGACY), ...Object.keys(RAW)]),
];

/** @throws ApiError or LegacyError of that name; returns the shapes that are neither. */
export function raiseNamed(name: string, style: 'new' | 'legacy', scope: string): ApiReply {
  const raw = RAW[name];
  if (raw) return raw();
  const made = style === 'legacy' ? LEGACY[name]?.() : NEW[name]?.(scope);
  throw (
    made ??
    (style === 'legacy' ? NEW[name]?.(scope) : LEGACY[name]?.()) ??
    new Error(`unknown error ${name}`)
  );
}
