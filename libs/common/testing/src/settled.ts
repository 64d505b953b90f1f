/** Resolves when everything that needs neither time nor I/O has happened. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
