import { Card } from './card';
import { templateOf } from './templates';

const REAL_AI = '02fcf2f4-5e02-4a85-b672-46d1f715543e.schema';
const SOIMY = '675cde2f-f526-40cb-b828-f5b2b57b8b77.schema';

function aCard(templateId: string, params: Record<string, string> = {}): Card {
  const template = templateOf(templateId);
  if (!template) throw new Error(`no template ${templateId}`);
  return new Card('card-1', 'bot', template, 'STREAM', params, 1);
}
const aFrame = (content: string, more: object = {}) => ({
  guid: content,
  content,
  isFull: true,
  isFinalize: false,
  isError: false,
  ...more,
});

describe('Card', () => {
  it('is driven by the streaming API alone on an own template', () => {
    const card = aCard('carillon-sandbox.schema', { flowStatus: '3' });
    expect(card.state).toBe('processing');
    card.stream(aFrame('Hi'), 2);
    expect(card.state).toBe('inputting');
    card.stream(aFrame('Hi!', { isFinalize: true }), 3);

    expect(card).toMatchObject({ state: 'finished', finishedAt: 3 });
    expect(card.visibleText(0)).toBe('Hi!');
  });

  it('follows flowStatus on the shared templates', () => {
    const card = aCard(REAL_AI, { flowStatus: '1' });
    card.update({ flowStatus: '2' }, true, 2);
    expect(card.state).toBe('inputting');
    card.update({ flowStatus: '5' }, true, 3);

    expect(card).toMatchObject({ state: 'failed', finishedAt: 3, isOpen: false });
  });

  it('is blank when the finished layout does not show the streamed variable', () => {
    const card = aCard(REAL_AI);
    card.stream(aFrame('text'), 2);
    expect(card.visibleText(0)).toBe('text');
    card.stream(aFrame('text', { guid: 'g', isFinalize: true }), 3);
    expect(card.visibleText(0)).toBe('');
    card.update({ sys_full_json_obj: '{"order":["msgContent"]}' }, true, 4);

    expect(card.visibleText(0)).toBe('text');
  });

  it('shows blockList when a card of that template is finished', () => {
    const card = aCard(SOIMY);
    const blockList = JSON.stringify([
      { type: 0, markdown: 'a' },
      { type: 0, markdown: 'b' },
    ]);
    card.update({ blockList, flowStatus: '3' }, true, 2);

    expect(card.visibleText(0)).toBe('a\n\nb');
  });

  it('counts characters, not UTF-16 units, for the blank limit', () => {
    const card = aCard('carillon-sandbox.schema');
    card.stream(aFrame('😀'.repeat(10), { isFinalize: true }), 2);

    expect(card.visibleText(10)).toHaveLength(20);
    expect(card.visibleText(9)).toBe('');
  });

  it('is never open when its template has no stream', () => {
    expect(aCard('589420e2-c1e2-46ef-a5ed-b8728e654da9.schema').isOpen).toBe(false);
  });
});
