import type { Request, Response } from 'express';
import { Card } from '../world/card';
import type { Entry } from '../world/conversation.types';
import { without } from '../world/without';
import type { World } from '../world/world';
import { describeCard, describeEntry } from './views';

const HEARTBEAT_MS = 15_000;
const MAX_BACKLOG_BYTES = 8 << 20;

/** `GET /sandbox/stream`: what changes, as server-sent events for the page. */
export function feedRoute(world: World) {
  return (req: Request, res: Response): void => {
    res.set({
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      connection: 'keep-alive',
    });
    res.flushHeaders();
    const write = (event: string, data: unknown) => {
      // A page that stopped reading must not grow the process; it reconnects and loads anew.
      if (res.writableLength > MAX_BACKLOG_BYTES) return void res.destroy();
      res.write(`event: ${event}\ndata: ${JSON.stringify(view(world, event, data))}\n\n`);
    };
    const heartbeat = setInterval(() => res.write(': still here\n\n'), HEARTBEAT_MS);
    heartbeat.unref();
    world.feed.on('change', write);
    req.on('close', () => {
      clearInterval(heartbeat);
      world.feed.off('change', write);
    });
  };
}

function view(world: World, event: string, data: unknown): unknown {
  if (data instanceof Card) {
    return without(describeCard(world, data), 'frames');
  }
  if (event !== 'entry') return data;
  const { conversationId, entry } = data as { conversationId: string; entry: Entry };
  return { conversationId, entry: describeEntry(world, entry) };
}
