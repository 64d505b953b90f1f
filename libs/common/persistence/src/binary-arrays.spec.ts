import { binaryArray } from './binary-arrays';

const hex = (buffer: Buffer): string =>
  buffer
    .toString('hex')
    .replace(/(.{8})/g, '$1 ')
    .trim();

describe('binaryArray', () => {
  it('has one dimension, its type, and each element behind its length', () => {
    expect(hex(binaryArray.texts(['a', null, 'ä']))).toBe(
      '00000001 00000001 00000019 00000003 00000001 00000001 61ffffff ff000000 02c3a4',
    );
    expect(hex(binaryArray.bytes([Buffer.of(7)]))).toBe(
      '00000001 00000000 00000011 00000001 00000001 00000001 07',
    );
    expect(hex(binaryArray.jsons(['{}']))).toBe(
      '00000001 00000000 00000eda 00000001 00000001 00000003 017b7d',
    );
  });

  it('counts time in microseconds from the year 2000', () => {
    const [before, after] = [Date.UTC(1999, 11, 31, 23, 59, 59, 999), Date.UTC(2000, 0, 1) + 1.002];
    expect(hex(binaryArray.times([before, after]).subarray(20))).toBe(
      '00000008 ffffffff fffffc18 00000008 00000000 000003ea',
    );
  });

  it('has no dimension when it is empty', () => {
    expect(hex(binaryArray.uuids([]))).toBe('00000000 00000000 00000b86');
  });

  it('refuses what is no uuid', () => {
    expect(() => binaryArray.uuids(['c7a2b1f0-4d5e'])).toThrow(RangeError);
  });
});
