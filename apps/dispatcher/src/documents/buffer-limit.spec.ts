import { limitBuffers } from './buffer-limit';

describe('limitBuffers', () => {
  const { Uint8Array: unlimited } = globalThis;
  beforeAll(() => limitBuffers(1_000));
  afterAll(() => {
    globalThis.Uint8Array = unlimited;
  });

  it('P10 refuses more bytes in one piece than a reader may take', () => {
    expect(() => new Uint8Array(1_001)).toThrow(RangeError);
    expect(new Uint8Array(1_000)).toHaveLength(1_000);
  });

  it('changes nothing else', () => {
    expect([...new Uint8Array([1, 2])]).toEqual([1, 2]);
    expect(new Uint8Array(new ArrayBuffer(8), 2, 4).byteOffset).toBe(2);
    expect(new Uint8Array(4)).toBeInstanceOf(unlimited);
    expect(Buffer.from('words')).toBeInstanceOf(Uint8Array);
    expect(Uint8Array.from([3]).slice()).toHaveLength(1);
  });
});
