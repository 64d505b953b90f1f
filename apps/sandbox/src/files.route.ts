import { setTimeout as delay } from 'node:timers/promises';
import type { Request, Response } from 'express';
import type { StoredFile } from './world/files';
import type { World } from './world/world';

const CHUNK = Buffer.alloc(64 * 1024, 'x');

/** The temporary download links: plain GET without a token (§4.6, C56). */
export function fileRoute(world: World) {
  return async (req: Request, res: Response): Promise<void> => {
    const file = world.files.follow(String(req.params['key'] ?? '').replace(/\.file$/, ''));
    const act = world.faults.take({
      names: ['file', 'GET /files/{key}'],
      clientId: undefined,
      body: {},
    })?.act;
    await delay((act?.delayMs ?? 0) + (file?.delayMs ?? 0));
    if (act?.hang) return;
    if (act?.reset) {
      res.socket?.resetAndDestroy();
      return;
    }
    const status = act?.status ?? file?.status ?? (file ? 200 : 403);
    if (file?.redirect)
      return res.redirect(status >= 300 && status < 400 ? status : 302, file.redirect);
    if (status !== 200 || !file) {
      res.status(status).type('application/xml').send('<Error><Code>AccessDenied</Code></Error>');
      return;
    }
    res.set('content-type', file.contentType);
    const sizeBytes = act?.sizeBytes ?? file.sizeBytes;
    if (sizeBytes === undefined) res.end(file.content);
    else await stream(res, sizeBytes);
  };
}

/** Filler bytes without holding them in memory; stops when the reader leaves. */
async function stream(res: Response, sizeBytes: StoredFile['sizeBytes'] & number): Promise<void> {
  res.set('content-length', String(sizeBytes));
  let left = sizeBytes;
  while (left > 0 && !res.destroyed) {
    const piece = CHUNK.subarray(0, Math.min(left, CHUNK.length));
    left -= piece.length;
    if (res.write(piece)) continue;
    await new Promise<void>((resolve) => {
      res.once('drain', resolve);
      res.once('close', resolve);
    });
  }
  res.end();
}
