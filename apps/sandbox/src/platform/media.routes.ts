import { randomBytes } from 'node:crypto';
import { badRequest, LegacyError } from './api-error';
import { ok, text, type ApiRoute } from './api-route';
import { multipartFile } from './multipart';
import { checkRobotCode, robotApi } from './robot.routes';

const MB = 1_048_576;
const MEDIA: Readonly<Record<string, { maxBytes: number; formats: readonly string[] }>> = {
  image: { maxBytes: 20 * MB, formats: ['jpg', 'jpeg', 'gif', 'png', 'bmp'] },
  voice: { maxBytes: 2 * MB, formats: ['amr', 'mp3', 'wav', 'ogg'] },
  video: { maxBytes: 20 * MB, formats: ['mp4'] },
  file: {
    maxBytes: 20 * MB,
    formats: ['doc', 'docx', 'xls', 'xlsx', 'ppt', 'pptx', 'zip', 'pdf', 'rar'],
  },
};

/** Hands out a temporary link to a file a person sent (§4.6, C56). */
const download: ApiRoute = {
  ...robotApi,
  name: 'download',
  method: 'POST',
  path: '/v1.0/robot/messageFiles/download',
  handle(call) {
    const { world, app, body } = call;
    const code = text(body, 'downloadCode');
    // The platform names the robot code for an empty download code too.
    if (!code) throw badRequest('invalidParameter.robotCode.empty', 'downloadCode is empty');
    checkRobotCode(call);
    const file = world.files.find(code);
    if (!file || file.expired) {
      throw badRequest('invalidParameter.robotCode.downloadCode', '下载码错误或已过期');
    }
    if (file.clientId && file.clientId !== app.clientId) {
      throw badRequest('invalidParameter.robotCode.auth', 'code belongs to another robot');
    }
    const { key, expiresAt } = world.files.link(file);
    const query = `Expires=${Math.floor(expiresAt / 1_000)}&Signature=${randomBytes(10).toString('hex')}`;
    return ok({ downloadUrl: `${world.baseUrl}/files/${key}.file?${query}` });
  },
};

/** `POST /media/upload` (§4.7, C9). */
const upload: ApiRoute = {
  name: 'mediaUpload',
  method: 'POST',
  path: '/media/upload',
  style: 'legacy',
  auth: 'token',
  billed: 'api',
  limited: 'app',
  handle({ raw, query, headers, world }) {
    const type = query.get('type') ?? '';
    const rule = MEDIA[type];
    if (!rule) throw new LegacyError(40004, '不合法的媒体文件类型');
    const file = multipartFile(raw, String(headers['content-type'] ?? ''), 'media');
    if (!file?.filename) throw new LegacyError(40035, '不合法的参数');
    if (file.content.length > rule.maxBytes) throw new LegacyError(40009, '不合法的媒体文件大小');
    const format = file.filename.split('.').pop()?.toLowerCase() ?? '';
    if (!rule.formats.includes(format)) throw new LegacyError(40005, '不合法的媒体文件格式');
    const media_id = `@lAD${randomBytes(12).toString('base64url')}`;
    world.media.set(media_id, { name: file.filename, content: file.content });
    return ok({ errcode: 0, errmsg: 'ok', media_id, created_at: world.now(), type });
  },
};

export const mediaRoutes: readonly ApiRoute[] = [download, upload];
