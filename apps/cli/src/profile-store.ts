import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { CliError } from './cli.errors';

/** Where the API is and who asks. */
export interface Profile {
  readonly url: string;
  readonly key: string;
  readonly tenant?: string | undefined;
}

/** What `login` keeps, for the owner of the file alone. */
export class ProfileStore {
  private readonly file: string;

  constructor(private readonly folder: string) {
    this.file = join(folder, 'profile.json');
  }

  read(): Partial<Profile> {
    let text: string;
    try {
      text = readFileSync(this.file, 'utf8');
    } catch (error) {
      if ((error as { code?: unknown }).code === 'ENOENT') return {};
      throw error;
    }
    try {
      return JSON.parse(text) as Partial<Profile>;
    } catch {
      throw new CliError(`${this.file} is not valid JSON; log in again.`);
    }
  }

  /** @returns the file */
  write(profile: Profile): string {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    writeFileSync(this.file, `${JSON.stringify(profile, null, 2)}\n`, { mode: 0o600 });
    // The mode above is for new files; one that is there keeps its own.
    chmodSync(this.file, 0o600);
    return this.file;
  }

  forget(): void {
    rmSync(this.file, { force: true });
  }
}
