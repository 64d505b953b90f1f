import { closingParams, openingParams, templateOf } from '@common/dingtalk';

import { FramePace } from './frame-pace';
import { frameText } from './frame-text';

describe('templateOf', () => {
  it('takes the public template with its key unless told otherwise', () => {
    expect(templateOf({ enabled: true, pace: 'balanced' })).toMatchObject({
      id: '02fcf2f4-5e02-4a85-b672-46d1f715543e.schema',
      contentKey: 'msgContent',
      family: 'flow_status',
    });
  });

  it('drives an own template by the stream alone, with content as its key', () => {
    const own = templateOf({ enabled: true, pace: 'balanced', templateId: 'own.schema' });
    expect(own).toEqual({
      id: 'own.schema',
      contentKey: 'content',
      family: 'native',
      hasButtons: false,
    });
    expect(openingParams(own, 'hi', true)).toEqual({
      content: 'hi',
      config: '{"autoLayout":true}',
    });
  });

  it('C80 sends strings only', () => {
    const params = openingParams(templateOf({ enabled: true, pace: 'off' }), 'hi', false);
    for (const value of Object.values(params)) expect(typeof value).toBe('string');
    expect(params).toMatchObject({ flowStatus: '1' });
    expect(closingParams(templateOf({ enabled: true, pace: 'off' }), 'end')).toEqual({
      msgContent: 'end',
      flowStatus: '3',
    });
  });
});

describe('FramePace', () => {
  const framesIn = (pace: 'smooth' | 'balanced' | 'thrifty' | 'off', ms: number): number => {
    const plan = new FramePace(pace, 0);
    let frames = 0;
    for (let now = 0; now <= ms; now += 50)
      if (plan.waitMs(now) === 0) {
        plan.frameShown(now);
        frames += 1;
      }
    return frames;
  };

  it('keeps a long answer within its calls', () => {
    expect(framesIn('balanced', 60_000)).toBe(5);
    expect(framesIn('thrifty', 60_000)).toBe(1);
    expect(framesIn('off', 60_000)).toBe(0);
    expect(framesIn('smooth', 8_000)).toBe(11);
  });

  it('is dense at the start', () => {
    expect(framesIn('balanced', 3_100)).toBe(3);
  });
});

describe('frameText', () => {
  it('C97 closes an open code fence and drops trailing line breaks', () => {
    expect(frameText('hi\n```ts\nconst a')).toBe('hi\n```ts\nconst a\n```');
    expect(frameText('done\n\n')).toBe('done');
    expect(frameText('```\na\n```\n')).toBe('```\na\n```');
  });

  it('C87 stays below the size above which cards are blank', () => {
    expect(Array.from(frameText('字'.repeat(5_000))).length).toBeLessThanOrEqual(2_400);
  });
});
