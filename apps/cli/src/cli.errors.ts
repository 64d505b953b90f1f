import { exitCodes, type ExitCode } from './exit-codes';

/** Ends the command with a sentence for people and a code for shells. */
export class CliError extends Error {
  constructor(
    message: string,
    readonly exitCode: ExitCode = exitCodes.usage,
    /** Stable word, for `--json`. */
    readonly code: string = 'usage',
  ) {
    super(message);
    this.name = 'CliError';
  }
}
