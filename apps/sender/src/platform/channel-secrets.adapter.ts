import { Injectable } from '@nestjs/common';

import { Secret } from '@common/config';
import { Announcer } from '@common/contracts';
import { type AppCredentials, type OtherSecret, OtherSecrets } from '@common/dingtalk';
import { SecretBox } from '@common/kernel';
import { Logger } from '@common/logging';
import { Database, promoteSecret } from '@common/persistence';

interface Row {
  id: string;
  client_secret: Buffer;
  pending_secret: Buffer | null;
}

/**
 * The secrets of a channel as they are now: a delivery that was claimed before a change has the one from before. A new one
 * that the platform takes here becomes the present one.
 */
@Injectable()
export class ChannelSecrets extends OtherSecrets {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
    private readonly announcer: Announcer,
    private readonly logger: Logger,
  ) {
    super();
  }

  async of({ clientId, clientSecret }: AppCredentials): Promise<readonly OtherSecret[]> {
    const [row] = await this.database.acrossTenantsOnce<Row>(
      'reconcile',
      {
        name: 'secrets.others',
        text: `SELECT id, client_secret, pending_secret FROM channel WHERE client_id = $1 AND deleted_at IS NULL`,
      },
      [clientId],
    );
    // Sealed with a key that we are still to be given: as if it were not there yet.
    if (!row || !this.box.canOpen(row.client_secret)) return [];
    const present = {
      secret: new Secret(this.box.openText(row.client_secret)),
      taken: () => Promise.resolve(),
    };
    const others = [present, ...this.pendingOf(row)];
    return others.filter(({ secret }) => secret.reveal() !== clientSecret.reveal());
  }

  private pendingOf({ id, pending_secret: pending }: Row): OtherSecret[] {
    if (!pending || !this.box.canOpen(pending)) return [];
    const secret = new Secret(this.box.openText(pending));
    return [{ secret, taken: () => this.promote(id, pending) }];
  }

  private async promote(channelId: string, pending: Buffer): Promise<void> {
    if (!(await promoteSecret(this.database, { channelId, pending, service: 'sender' }))) return;
    this.logger.info('new client secret taken', { channelId });
    await this.announcer.announce('channel.changed', { channelId });
  }
}
