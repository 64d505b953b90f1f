import { byCreation, readCursor, toPage } from './page';

const ID = '0190a000-0000-7000-8000-000000000001';

describe('pages', () => {
  const parts = { view: (n: number) => n * 10, position: (n: number) => [String(n)] };

  it('ends where there are no more rows', () => {
    expect(toPage([1, 2], 2, parts)).toEqual({ items: [10, 20], nextCursor: null });
    expect(toPage([], 2, parts)).toEqual({ items: [], nextCursor: null });
  });

  it('goes on after the last row it shows', () => {
    const { items, nextCursor } = toPage([1, 2, 3], 2, parts);

    expect(items).toEqual([10, 20]);
    expect(Buffer.from(String(nextCursor), 'base64url').toString()).toBe('["2"]');
  });

  it('reads back the cursors it wrote, microseconds included', () => {
    const position = ['2026-11-20 12:00:00.123456+00', ID];
    const page = toPage([1, 2], 1, { view: (n: number) => n, position: () => position });

    expect(readCursor(page.nextCursor ?? undefined, byCreation)).toEqual(position);
    expect(readCursor(undefined, byCreation)).toBeNull();
  });

  it.each([
    ['no base64', '%%%'],
    ['no JSON', Buffer.from('x').toString('base64url')],
    ['another list’s', Buffer.from('["1"]').toString('base64url')],
    ['SQL', Buffer.from(`["2026-01-01' OR 1=1","${ID}"]`).toString('base64url')],
  ])('refuses a cursor that is %s', (_what, cursor) => {
    expect(() => readCursor(cursor, byCreation)).toThrow('Some fields are not as they should be.');
  });
});
