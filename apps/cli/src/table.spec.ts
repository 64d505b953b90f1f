import { table } from './table';

describe('a table', () => {
  it('keeps its columns in line, Chinese ones too', () => {
    expect(
      table([
        ['name', 'n'],
        ['客服', 1],
        ['x', null],
      ]),
    ).toBe('name  n\n客服  1\nx     -');
  });

  it('lets nobody who wrote a name steer the terminal', () => {
    expect(table([['a\u001b[2Jb\nc']])).toBe('a [2Jb c');
  });
});
