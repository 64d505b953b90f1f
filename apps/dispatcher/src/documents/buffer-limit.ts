/**
 * Refuses bytes beyond `maxBytes` in one piece, in this thread. A thread's limits (`resourceLimits`) do not count what lies
 * in buffers, and readers of PDF inflate a stream as far as it goes, into ever larger ones: a file of a kilobyte takes a gigabyte.
 * To be called before the readers are loaded.
 */
export function limitBuffers(maxBytes: number): void {
  globalThis.Uint8Array = new Proxy(globalThis.Uint8Array, {
    construct(target, args: unknown[], newTarget: NewableFunction): object {
      const [length] = args;
      if (typeof length === 'number' && length > maxBytes)
        throw new RangeError(`more than ${maxBytes} bytes in one piece`);
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
}
