import { retryAfterOf } from './retry-after';

const now = Date.parse('2026-11-25T10:00:00Z');

describe('retryAfterOf', () => {
  it.each([
    [{ 'retry-after': '2' }, 2_000],
    [{ 'retry-after': '0.5' }, 500],
    [{ 'retry-after-ms': '150', 'retry-after': '9' }, 150],
    [{ 'retry-after': 'Wed, 25 Nov 2026 10:00:03 GMT' }, 3_000],
    [{ 'retry-after': 'Wed, 25 Nov 2026 09:00:00 GMT' }, null],
    [{ 'retry-after': 'soon' }, null],
    [{}, null],
  ])('reads %j as %j ms', (headers: Record<string, string>, ms) => {
    expect(retryAfterOf(new Headers(headers), now)).toBe(ms);
  });
});
