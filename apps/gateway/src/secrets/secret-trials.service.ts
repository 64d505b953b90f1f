import { Injectable } from '@nestjs/common';

import { Announcer } from '@common/contracts';
import {
  AccessTokens,
  type AppCredentials,
  DingTalkError,
  EndpointRoutes,
  PlatformHttp,
  StreamEndpoint,
  StreamOpenError,
} from '@common/dingtalk';
import { Clock, codeOf } from '@common/kernel';
import { Logger } from '@common/logging';

import { GatewayConfig } from '../gateway.config';
import { Rounds } from '../rounds';
import { type PendingSecret, PendingSecretsRepository } from './pending-secrets.repository';

const LOOK_MS = 2_000;
const TIMEOUT_MS = 5_000;

/** What the platform says to a secret. */
type Verdict = 'taken' | { readonly code: string; readonly message: string };

/**
 * Tries new client secrets while the present one goes on serving: asks for a connection with the new one, which proves it
 * and disturbs nobody, then makes it the present one and tells everybody. Senders do the same when a token is refused.
 *
 * Running it twice does no harm: a try is claimed by one gateway, and a secret that was replaced meanwhile stays replaced.
 */
@Injectable()
export class SecretTrials {
  private readonly rounds: Rounds;
  private readonly stopping = new AbortController();
  private readonly http: PlatformHttp;

  constructor(
    private readonly pending: PendingSecretsRepository,
    private readonly announcer: Announcer,
    private readonly config: GatewayConfig,
    private readonly routes: EndpointRoutes,
    private readonly logger: Logger,
    clock: Clock,
  ) {
    this.http = new PlatformHttp(routes, routes.to(null).dispatcher);
    this.rounds = new Rounds(() => this.round(), {
      clock,
      pauseMs: () => LOOK_MS,
      onError: (error) => logger.debug('pending secrets not tried', { code: codeOf(error) }),
    });
  }

  start(): void {
    this.rounds.start();
  }

  /** A channel changed: it may have a new secret. */
  soon(): void {
    this.rounds.soon();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.rounds.stop();
    await this.http.close();
  }

  async round(): Promise<void> {
    const due = await this.pending.claim();
    await Promise.all(due.map((secret) => this.try(secret)));
  }

  private async try(secret: PendingSecret): Promise<void> {
    const { channelId } = secret;
    const verdict = await this.ask(secret);
    if (verdict !== 'taken') {
      this.logger.info('new client secret not taken', { channelId, code: verdict.code });
      return this.pending.note(secret, verdict);
    }
    if (!(await this.pending.promote(secret))) return;
    this.logger.info('new client secret taken', { channelId });
    await this.announcer.announce('channel.changed', { channelId });
  }

  private async ask({ clientId, endpoint: own, secret }: PendingSecret): Promise<Verdict> {
    const apiUrl = own?.apiUrl ?? this.config.DINGTALK_API_URL;
    const app = { clientId, clientSecret: secret, endpoint: own };
    try {
      const endpoint = new StreamEndpoint({
        apiUrl,
        ...app,
        timeoutMs: TIMEOUT_MS,
        dispatcher: this.routes.to(own).dispatcher,
      });
      await endpoint.fetch(this.stopping.signal);
      return 'taken';
    } catch (error) {
      if (!(error instanceof StreamOpenError)) throw error;
      // An app that is not in Stream mode opens no connections; a token proves its secret as well.
      if (error.fault.state === 'misconfigured') return this.askForToken(apiUrl, app);
      return { code: error.fault.code, message: error.fault.message };
    }
  }

  private async askForToken(apiUrl: string, app: AppCredentials): Promise<Verdict> {
    try {
      await new AccessTokens({ apiUrl, http: this.http }).verify(app);
      return 'taken';
    } catch (error) {
      if (!(error instanceof DingTalkError)) throw error;
      return { code: error.code, message: error.message };
    }
  }
}
