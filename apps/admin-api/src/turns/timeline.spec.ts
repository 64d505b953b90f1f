import { timelineOf } from './timeline';

const at = (ms: number) => new Date(ms);

describe('timelineOf', () => {
  it('puts steps of the same moment into the order of a turn’s life', () => {
    const steps = ['ended', 'queued', 'delivered', 'received'].map((step) => ({
      at: at(5),
      step,
      detail: null,
      is_noted: false,
    }));

    expect(timelineOf(steps).map(({ step }) => step)).toEqual([
      'received',
      'queued',
      'delivered',
      'ended',
    ]);
  });

  it('prefers a step that somebody noted to the one read off a column', () => {
    const timeline = timelineOf([
      { at: at(1), step: 'activated', detail: null, is_noted: false },
      { at: at(2), step: 'activated', detail: { by: 'sweeper' }, is_noted: true },
    ]);

    expect(timeline).toEqual([
      { at: '1970-01-01T00:00:00.002Z', step: 'activated', detail: { by: 'sweeper' } },
    ]);
  });
});
