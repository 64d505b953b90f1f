import type { Clock } from '@common/kernel';
import type { Egress, OutboundGuard } from '@common/outbound';

import { DEFAULT_FILE_HOSTS, FileHosts } from './files/file-hosts';
import { MessageFiles } from './files/message-files.client';
import { EndpointRoutes } from './http/endpoint-routes';
import { PlatformHttp } from './http/platform-http.client';
import { AccessTokens } from './open-api/access-tokens';
import { Directory } from './open-api/directory.client';
import { type CallRecord, OpenApi } from './open-api/open-api.client';
import type { OtherSecrets } from './open-api/other-secrets.port';
import type { SharedTokens } from './open-api/shared-tokens.port';
import { Cards } from './outbound/cards.client';
import { Media } from './outbound/media.client';
import { Reactions } from './outbound/reactions.client';
import { Robots } from './outbound/robots.client';
import { SentMessages } from './outbound/sent-messages.client';
import { Webhooks } from './outbound/webhooks.client';

export interface DingTalkClientOptions {
  /** DINGTALK_API_URL. */
  readonly apiUrl: string;
  /** DINGTALK_OAPI_URL; default: the same host. Only the directory needs it. */
  readonly oapiUrl?: string;
  readonly guard: OutboundGuard;
  /** Hosts of links to files beside the platform's own (see `FileHosts`); default: where the platform keeps them. */
  readonly fileHosts?: readonly string[];
  /** Default: directly. */
  readonly egress?: Egress;
  /** Default: tokens are shared within this process only. */
  readonly sharedTokens?: SharedTokens;
  readonly otherSecrets?: OtherSecrets;
  readonly clock?: Clock;
  /** For metrics: one HTTP exchange of the new API. */
  readonly onCall?: (record: CallRecord) => void;
  readonly onFault?: (error: unknown) => void;
}

/** Everything that calls the platform, put together: one per process. */
export class DingTalkClient {
  readonly tokens: AccessTokens;
  readonly api: OpenApi;
  readonly cards: Cards;
  readonly robots: Robots;
  readonly media: Media;
  readonly sent: SentMessages;
  readonly reactions: Reactions;
  readonly webhooks: Webhooks;
  readonly directory: Directory;
  readonly files: MessageFiles;
  private readonly http: PlatformHttp;
  private readonly routes: EndpointRoutes;

  constructor(options: DingTalkClientOptions) {
    const {
      apiUrl,
      oapiUrl = apiUrl,
      fileHosts = DEFAULT_FILE_HOSTS,
      guard,
      egress,
      sharedTokens,
      otherSecrets,
      clock,
      onCall,
      onFault,
    } = options;
    this.routes = new EndpointRoutes(guard, egress);
    const http = new PlatformHttp(this.routes, egress?.dispatcher);
    this.http = http;
    this.tokens = new AccessTokens({
      apiUrl,
      http,
      ...(sharedTokens ? { shared: sharedTokens } : {}),
      ...(otherSecrets ? { otherSecrets } : {}),
      ...(clock ? { clock } : {}),
      ...(onFault ? { onFault } : {}),
    });
    this.api = new OpenApi({ apiUrl, http, tokens: this.tokens, ...(onCall ? { onCall } : {}) });
    this.cards = new Cards(this.api);
    this.robots = new Robots(this.api);
    this.sent = new SentMessages(this.api);
    this.reactions = new Reactions(this.api);
    this.media = new Media(oapiUrl, http, this.tokens);
    this.webhooks = new Webhooks(guard, this.routes, egress);
    this.directory = new Directory(oapiUrl, http, this.tokens);
    const hosts = new FileHosts(fileHosts, [apiUrl, oapiUrl]);
    this.files = new MessageFiles(this.api, hosts, this.routes, guard, egress);
  }

  /** Waits for what is under way and closes the connections. */
  async close(): Promise<void> {
    await Promise.all([
      ...[this.http.close(), this.webhooks.close(), this.files.close(), this.routes.close()],
    ]);
  }
}
