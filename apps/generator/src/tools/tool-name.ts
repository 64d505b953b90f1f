/** A tool of a server as models call it: letters, digits, `_` and `-`, at most 64 of them. */
export const toolNameOf = (server: string, tool: string): string =>
  `${server}__${tool}`.replace(/[^\w-]/g, '_').slice(0, 64);
