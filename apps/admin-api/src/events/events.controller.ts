import { Get, Headers, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { Response } from 'express';

import { Allow } from '../auth/allow.decorator';
import { type Caller, Who } from '../auth/caller.decorator';
import { ApiResource } from '../http/api-resource.decorator';
import { ListenDto } from './events.dto';
import { LiveFeed } from './live-feed.service';
import { LiveListener } from './live-listener';

/** What happens, while it happens. */
@ApiResource('events')
export class EventsController {
  constructor(private readonly feed: LiveFeed) {}

  @Get()
  @Allow('viewer')
  @ApiOperation({
    summary: 'Server-sent events: `channel`, `turn`, `queue`; `resync` says: read everything anew',
  })
  @ApiHeader({
    name: 'Last-Event-ID',
    required: false,
    description: 'What was missed since then is told first; too much, or too long ago: `resync`',
  })
  @ApiResponse({
    status: 200,
    description: 'text/event-stream',
    content: { 'text/event-stream': { schema: { type: 'string' } } },
  })
  async listen(
    @Who() { tenantId }: Caller,
    @Query() query: ListenDto,
    @Headers('last-event-id') lastId: string | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const listener = new LiveListener(tenantId, query, response);
    // Not before the store has answered: a failure is then told as any other.
    const head = (): void => {
      response.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-store',
        // Proxies of the nginx kind would keep it all to themselves.
        'x-accel-buffering': 'no',
      });
    };
    await this.feed.add(listener, lastId, head);
    const leaving = setTimeout(() => listener.end(), query.for * 1_000);
    response.on('close', () => {
      clearTimeout(leaving);
      this.feed.remove(listener);
    });
    if (response.destroyed) this.feed.remove(listener);
  }
}
