/**
 * Stands in for a class: it can do what the spec gave it, and says so when it is asked for more.
 * @param parts typed by the class, so that the compiler keeps them honest
 */
export function standIn<T extends object>(parts: Partial<T>): T {
  const strict = new Proxy(parts, {
    get(target, name, receiver) {
      // `then` is looked for by await, symbols by whoever prints.
      if (name in target || typeof name === 'symbol' || name === 'then' || name === 'toJSON')
        return Reflect.get(target, name, receiver) as unknown;
      throw new Error(`the spec did not expect anybody to ask for "${name}"`);
    },
  });
  // Private fields make a class nominal: no object literal can be one, however complete it is.
  return strict as T;
}
