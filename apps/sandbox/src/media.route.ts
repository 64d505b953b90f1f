import type { Request, Response } from 'express';

import type { World } from './world/world';

/** Types that a page may show; anything else is for saving. */
const SHOWN = /\.(?:jpe?g|gif|png|bmp)$/i;

/** What apps uploaded, as clients of the platform see it (§4.7). */
export function mediaRoute(world: World) {
  return (req: Request, res: Response): void => {
    const media = world.media.get(String(req.params['id']));
    if (!media) {
      res.status(404).end();
      return;
    }
    res.set('x-content-type-options', 'nosniff');
    if (SHOWN.test(media.name)) res.type(media.name.split('.').at(-1) ?? 'bin');
    else res.attachment(media.name.replace(/[^\w.-]/g, '_'));
    res.end(media.content);
  };
}
