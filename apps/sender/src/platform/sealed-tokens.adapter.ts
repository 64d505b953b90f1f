import { Inject, Injectable } from '@nestjs/common';
import type Redis from 'ioredis';

import { SHARED_REDIS } from '@common/bootstrap';
import { type SharedToken, SharedTokens } from '@common/dingtalk';
import { SecretBox } from '@common/kernel';
import { RedisKeys } from '@common/redis';

/** What is sealed: whose token it is, too, so that nothing in between can give one app's calls the token of another (P6). */
interface Sealed extends SharedToken {
  readonly of: string;
}

/** Access tokens shared by all senders over Redis, sealed: who reads Redis learns no token (P8). */
@Injectable()
export class SealedTokens extends SharedTokens {
  constructor(
    @Inject(SHARED_REDIS) private readonly redis: Redis,
    private readonly keys: RedisKeys,
    private readonly secrets: SecretBox,
  ) {
    super();
  }

  async read(clientId: string): Promise<SharedToken | null> {
    const sealed = await this.redis.getBuffer(this.keys.accessToken(clientId));
    // Of a key that this process does not have, or not any more: as good as none.
    if (!sealed || !this.secrets.canOpen(sealed)) return null;
    const { of, token, expiresAtMs } = JSON.parse(this.secrets.openText(sealed)) as Sealed;
    return of === clientId ? { token, expiresAtMs } : null;
  }

  async write(clientId: string, token: SharedToken): Promise<void> {
    const lifeMs = token.expiresAtMs - Date.now();
    if (lifeMs <= 0) return;
    const sealed: Sealed = { of: clientId, ...token };
    await this.redis.set(
      this.keys.accessToken(clientId),
      this.secrets.seal(JSON.stringify(sealed)),
      'PX',
      lifeMs,
    );
  }

  async drop(clientId: string, token: string): Promise<void> {
    const held = await this.read(clientId);
    if (held?.token === token) await this.redis.del(this.keys.accessToken(clientId));
  }
}
