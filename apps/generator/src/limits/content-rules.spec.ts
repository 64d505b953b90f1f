import { ContentFilter } from './content-filter';
import { type ContentRule, findIn, masked } from './content-rule';

const rule = (wish: Partial<ContentRule>): ContentRule => ({
  id: 'r1',
  direction: 'both',
  action: 'mask',
  words: [],
  kinds: [],
  ...wish,
});
const hide = (text: string, wish: Partial<ContentRule>): string =>
  masked(text, findIn(text, [rule(wish)]));

describe('content rules', () => {
  it.each([
    ['打 13812345678 找我', ['phone'], '打 *** 找我'],
    ['+86 138-1234-5678', ['phone'], '***'],
    ['订单 1381234567890', ['phone'], '订单 1381234567890'],
    ['身份证 11010519491231002X。', ['id_card'], '身份证 ***。'],
    ['编号 110105194912310021', ['id_card'], '编号 110105194912310021'],
    ['卡号 6222 0212 3456 7890 127', ['bank_card'], '卡号 6222 0212 3456 7890 127'],
    ['card 4111 1111 1111 1111!', ['bank_card'], 'card ***!'],
    ['mail ada@example.com.', ['email'], 'mail ***.'],
  ] as const)('%s without %j: %s', (text, kinds, shown) => {
    expect(hide(text, { kinds })).toBe(shown);
  });

  it('finds words anywhere, whatever their case, and of two that overlap the longer', () => {
    expect(hide('Project BELL is bellwether', { words: ['bell', 'bellwether'] })).toBe(
      'Project *** is ***',
    );
  });

  it.each([1, 2, 3, 7, 50])('masks the same however the words come in pieces (%d)', (size) => {
    const text = `call 13812345678 or ada@example.com about the bell, ${'and so on '.repeat(30)}13912345678`;
    const rules = [rule({ words: ['bell'], kinds: ['phone', 'email'] })];
    const filter = new ContentFilter(rules, 'out');
    let shown = '';
    for (const piece of text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? []) {
      shown += filter.push(piece);
      expect(shown).not.toMatch(/1381|ada@|bell/);
    }
    shown += filter.end();
    expect(shown).toBe(masked(text, findIn(text, rules)));
    expect([...filter.hits.values()]).toEqual([{ action: 'mask', count: 4 }]);
  });

  it('shows nothing of a forbidden word before it is known to be one', () => {
    const filter = new ContentFilter([rule({ action: 'deny', words: ['secret'] })], 'out');
    expect(filter.push('a perfectly fine beginning, sec')).toBe('a perfectly fine beginnin');
    expect(() => filter.push('ret plans')).toThrow(
      expect.objectContaining({ code: 'content_denied', ruleId: 'r1' }),
    );
  });

  it('lets pass at once what no rule concerns', () => {
    const filter = new ContentFilter([rule({ direction: 'in', words: ['x'] })], 'out');
    expect(filter.push('axb')).toBe('axb');
  });
});
