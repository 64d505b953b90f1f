import { CommanderError } from 'commander';

import { ApiProblemError, UnreachableError } from '@carillon/client';

import { CliContext, type Terminal } from './cli-context';
import { CliError } from './cli.errors';
import { exitCodes, type ExitCode } from './exit-codes';
import type { Environment } from './environment';
import { programOf } from './program';

/** Runs one command line; whatever goes wrong becomes a sentence and an exit code. */
export async function runCli(
  args: readonly string[],
  environment: Environment,
  terminal: Terminal,
): Promise<ExitCode> {
  const context = new CliContext(environment, terminal);
  try {
    await programOf(context, terminal).parseAsync(args, { from: 'user' });
    return context.exitCode;
  } catch (error) {
    return told(error, context);
  }
}

function told(error: unknown, context: CliContext): ExitCode {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof CliError) {
    context.fail(error);
    return error.exitCode;
  }
  if (error instanceof UnreachableError) {
    context.fail({ code: 'unreachable', message: context.say('unreachable', { url: error.url }) });
    return exitCodes.unavailable;
  }
  if (error instanceof ApiProblemError) {
    context.fail(error);
    if (error.status === 401 || error.status === 403) return exitCodes.forbidden;
    return error.status >= 500 ? exitCodes.unavailable : exitCodes.refused;
  }
  throw error;
}
