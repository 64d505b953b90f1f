import type { Secret } from '@common/config';

import type { AppCredentials } from './app-credentials';

/** A secret of an app that may be the right one now, when the one at hand is refused. */
export interface OtherSecret {
  readonly secret: Secret;
  /** The platform took it. Losing this news costs nothing but another try. */
  readonly taken: () => Promise<void>;
}

/** Where to look for another secret of an app: one that is being tried, or one that was changed meanwhile. */
export abstract class OtherSecrets {
  /** Asked only after a refusal. @returns the most likely first; empty when there is no other */
  abstract of(app: AppCredentials): Promise<readonly OtherSecret[]>;
}
