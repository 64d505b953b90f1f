import type { LiveEventRow } from './live-events.repository';
import { frameOf, LiveListener, MAX_BEHIND_BYTES, type Outlet } from './live-listener';

/** A reader that reads when it is told to. */
class SlowOutlet implements Outlet {
  text = '';
  writableLength = 0;
  writableEnded = false;
  isCut = false;

  write(text: string): boolean {
    this.text += text;
    this.writableLength += text.length;
    return true;
  }

  end(): void {
    this.writableEnded = true;
  }

  destroy(): void {
    this.isCut = true;
  }
}

const anEvent = (id: number, of: Partial<LiveEventRow> = {}): LiveEventRow => ({
  ...{ id: String(id), tenant_id: 't', type: 'turn', channel_id: 'c', data: { n: id } },
  ...of,
});
const past = (last: bigint, missed: LiveEventRow[] = []) => ({
  ...{ last, before: '', missed, after: 'ready ' },
});

describe('somebody who listens', () => {
  const listening = (wanted = {}) => {
    const outlet = new SlowOutlet();
    const listener = new LiveListener('t', wanted, outlet);
    const hear = (event: LiveEventRow) =>
      listener.hear(event, frameOf(event.id, event.type, event.data));
    const heard = () => [...outlet.text.matchAll(/id: (\d+)\nevent/g)].map(([, id]) => id);
    return { outlet, listener, hear, heard };
  };

  it('hears the past first, then what came meanwhile, each once', () => {
    const { listener, hear, heard, outlet } = listening();
    hear(anEvent(3));
    hear(anEvent(4));
    expect(outlet.text).toBe('');
    listener.begin(past(3n, [anEvent(2), anEvent(3)]));
    hear(anEvent(5));
    expect(heard()).toEqual(['2', '3', '4', '5']);
  });

  it('hears of its own tenant, of nobody’s, and of what it wants', () => {
    const { listener, hear, heard } = listening({ types: ['turn', 'queue'] });
    listener.begin(past(0n));
    hear(anEvent(1));
    hear(anEvent(2, { tenant_id: 'other' }));
    hear(anEvent(3, { tenant_id: null, type: 'queue', channel_id: null }));
    hear(anEvent(4, { type: 'channel' }));
    hear(anEvent(5, { tenant_id: null, type: 'gap' }));
    expect(heard()).toEqual(['1', '3']);
  });

  it('is told where the log is when nothing happens', () => {
    const { listener, hear, outlet } = listening({ types: ['queue'] });
    listener.beat();
    expect(outlet.text).toBe('');
    listener.begin(past(0n));
    hear(anEvent(7));
    listener.beat();
    expect(outlet.text).toBe('ready id: 7\n: beat\n\n');
  });

  it('is cut off when it does not read', () => {
    const { listener, hear, outlet } = listening();
    listener.begin(past(0n));
    hear(anEvent(1, { data: 'x'.repeat(MAX_BEHIND_BYTES / 2) }));
    expect(outlet.isCut).toBe(false);
    hear(anEvent(2, { data: 'x'.repeat(MAX_BEHIND_BYTES / 2) }));
    expect(outlet.isCut).toBe(true);
  });
});
