import { homedir } from 'node:os';
import { join } from 'node:path';

export type Language = 'zh' | 'en';

/** What the command line is told from around it. Nothing else here reads the environment. */
export interface Environment {
  readonly url: string | undefined;
  readonly key: string | undefined;
  readonly tenant: string | undefined;
  readonly language: Language;
  /** Where what `login` was told is kept. */
  readonly configFolder: string;
  /** Secrets that a document names with `fromEnv`. */
  variable(name: string): string | undefined;
}

export function readEnvironment(env: NodeJS.ProcessEnv = process.env): Environment {
  const given = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  const locale = given('LC_ALL') ?? given('LC_MESSAGES') ?? given('LANG') ?? '';
  return {
    url: given('CARILLON_URL'),
    key: given('CARILLON_KEY'),
    tenant: given('CARILLON_TENANT'),
    language: /^zh/i.test(locale) ? 'zh' : 'en',
    configFolder: join(given('XDG_CONFIG_HOME') ?? join(homedir(), '.config'), 'carillon'),
    variable: given,
  };
}
