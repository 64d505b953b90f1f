import { choiceIn, decisionIn, numbered } from './asking';

describe('decisionIn', () => {
  it.each([
    ['1', true],
    ['Yes!', true],
    ['好的。', true],
    ['确认', true],
    ['2', false],
    [' No. ', false],
    ['取消', false],
    ['what does it cost?', null],
    ['确认一下价格', null],
    ['', null],
  ])('%j is %s', (text, decision) => {
    expect(decisionIn(text)).toBe(decision);
  });
});

describe('choiceIn', () => {
  const choices = ['Beijing', '上海', '12'];
  it.each([
    ['1', 'Beijing'],
    ['2。', '上海'],
    ['beijing', 'Beijing'],
    ['12', '12'],
    ['4', '4'],
    ['neither, take Shenzhen', 'neither, take Shenzhen'],
  ])('%j means %j', (text, choice) => {
    expect(choiceIn(text, choices)).toBe(choice);
  });

  it('takes any words where nothing was offered', () => {
    expect(choiceIn(' 1 ', [])).toBe('1');
  });

  it('is offered by number', () => {
    expect(numbered(['a', 'b'])).toBe('1. a\n2. b');
  });
});
