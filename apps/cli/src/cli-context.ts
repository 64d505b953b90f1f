import { type CarillonClient, createClient } from '@carillon/client';

import { CliError } from './cli.errors';
import type { Environment } from './environment';
import { exitCodes, type ExitCode } from './exit-codes';
import { type Profile, ProfileStore } from './profile-store';
import { type Say, sayIn } from './sentences';

/** Where words go. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
}

/** What every command works with. */
export class CliContext {
  readonly say: Say;
  readonly profiles: ProfileStore;
  exitCode: ExitCode = exitCodes.ok;
  isJson = false;
  /** Options of the command line; they go before the environment, which goes before what `login` kept. */
  options: { readonly url?: string; readonly tenant?: string } = {};

  constructor(
    readonly environment: Environment,
    private readonly terminal: Terminal,
  ) {
    this.say = sayIn(environment.language);
    this.profiles = new ProfileStore(environment.configFolder);
  }

  get client(): CarillonClient {
    return createClient(this.profile);
  }

  /** @throws CliError when it is not known where to ask, or with which key */
  get profile(): Profile {
    const { environment, options } = this;
    const kept = environment.url && environment.key ? {} : this.profiles.read();
    const url = options.url ?? environment.url ?? kept.url;
    const key = environment.key ?? kept.key;
    if (url === undefined || key === undefined)
      throw new CliError(this.say('notLoggedIn'), exitCodes.forbidden, 'not_logged_in');
    return { url, key, tenant: options.tenant ?? environment.tenant ?? kept.tenant };
  }

  /** For machines the value as it is, for people the words. */
  print(value: unknown, words: () => string): void {
    this.terminal.out(`${this.isJson ? JSON.stringify(value, null, 2) : words()}\n`);
  }

  /** One of many that come one by one: a line each. */
  line(value: unknown, words: () => string): void {
    this.terminal.out(`${this.isJson ? JSON.stringify(value) : words()}\n`);
  }

  raw(text: string): void {
    this.terminal.out(text);
  }

  fail(error: {
    readonly code: string;
    readonly message: string;
    readonly errors?: unknown;
  }): void {
    const { code, message, errors = [] } = error;
    const lines = (errors as { path: string; message: string }[]).map(
      (one) => `  ${one.path}: ${one.message}`,
    );
    this.terminal.err(
      this.isJson
        ? `${JSON.stringify({ error: { code, message, errors } })}\n`
        : `${[message, ...lines].join('\n')}\n`,
    );
  }
}
