/** What the shell is told; documented in `carillon --help` and the operations guide. */
export const exitCodes = {
  ok: 0,
  /** The answer is no: a check failed, an item was not applied, a chain is broken. */
  no: 1,
  /** The command line, a file or the environment is wrong; nothing was asked. */
  usage: 2,
  /** The API refused the request. */
  refused: 3,
  /** No key, or one that is not valid or may not do this. */
  forbidden: 4,
  /** Nobody answers, or not in working order; the same may succeed later. */
  unavailable: 5,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
