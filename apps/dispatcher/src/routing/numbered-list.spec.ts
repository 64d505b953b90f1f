import { listed, picked } from './numbered-list';

const options = [
  { id: 'a', name: 'Alpha' },
  { id: 'b', name: 'Beta\n two' },
  { id: 'c', name: 'alpha' },
];

describe('a numbered list', () => {
  it('has one line each, whatever is in a name', () => {
    expect(listed(options, 'b', ' *')).toBe('1. Alpha\n2. Beta two *\n3. alpha');
  });

  it('is picked from by number', () => {
    expect(picked(options, '3')?.id).toBe('c');
    expect([picked(options, '0'), picked(options, '4')]).toEqual([null, null]);
  });

  it('is picked from by name, unless two have it', () => {
    expect(picked(options, 'BETA\n two')?.id).toBe('b');
    expect(picked(options, 'alpha')).toBeNull();
    expect(picked(options, 'gamma')).toBeNull();
  });
});
