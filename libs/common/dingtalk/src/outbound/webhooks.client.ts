import { storableJson } from '@common/kernel';
import type { Egress, OutboundGuard } from '@common/outbound';

import { Deadline } from '../http/deadline';
import type { EndpointRoutes } from '../http/endpoint-routes';
import { PlatformHttp } from '../http/platform-http.client';
import {
  type AppCredentials,
  type CallOptions,
  DEFAULT_TIMEOUT_MS,
} from '../open-api/app-credentials';
import { type CallDetails, DingTalkError } from '../open-api/dingtalk.errors';
import { legacyFailureOf } from '../open-api/legacy-failure';

/** Stands for the URL, which is a secret. */
const API = 'sessionWebhook';

/** The link to answer with has expired, or never was good (C60, C61): use the robot API. */
export class WebhookExpiredError extends DingTalkError {
  readonly code = 'webhook_expired';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('the session webhook has expired', call);
  }
}

/** The body has more than 20 000 bytes (C62). */
export class WebhookContentTooLargeError extends DingTalkError {
  readonly code = 'webhook_content_too_large';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('the message is too long for the session webhook', call);
  }
}

const EXPIRED = '300001';
const TOO_LONG: ReadonlySet<string> = new Set(['460101', '101002']);

export interface WebhookReply {
  readonly markdown: { readonly title: string; readonly text: string };
  /** User ids to mention. The platform wants them in the text too: those that are missing are appended. */
  readonly atUserIds?: readonly string[];
}

/** Answers into the chat of an inbound message (messaging reference §5.2). Not idempotent. Counts as a webhook message. */
export class Webhooks {
  private readonly http: PlatformHttp;

  /** Behind a proxy names are resolved there: the guard then judges what the URL itself says. */
  constructor(
    guard: OutboundGuard,
    private readonly routes: EndpointRoutes,
    egress?: Egress,
  ) {
    this.http = new PlatformHttp(
      routes,
      egress?.dispatcher ??
        guard.dispatcher({ agent: { keepAliveTimeout: 30_000, connections: 128 } }),
    );
  }

  /**
   * @throws WebhookExpiredError · WebhookContentTooLargeError · DingTalkError
   * @throws OutboundRefusedError for a URL that leads into our own network
   */
  async reply(
    url: string,
    reply: WebhookReply,
    {
      timeoutMs = DEFAULT_TIMEOUT_MS,
      signal,
      endpoint,
    }: CallOptions & Pick<AppCredentials, 'endpoint'> = {},
  ): Promise<void> {
    this.routes.check(url, endpoint);
    const deadline = new Deadline(timeoutMs, signal);
    try {
      const body = storableJson(bodyOf(reply));
      const what = { method: 'POST', url, body, api: API, endpoint } as const;
      const answer = await this.http.send(what, deadline.signal);
      const failure = legacyFailureOf(answer, API);
      if (failure) throw asWebhookError(failure);
    } finally {
      deadline.dispose();
    }
  }

  async close(): Promise<void> {
    await this.http.close();
  }
}

function bodyOf({ markdown: { title, text }, atUserIds = [] }: WebhookReply): object {
  const missing = atUserIds.filter((id) => !text.includes(`@${id}`)).map((id) => `@${id}`);
  const whole = missing.length === 0 ? text : `${text}\n\n${missing.join(' ')}`;
  return {
    msgtype: 'markdown',
    markdown: { title, text: whole },
    at: { atUserIds, atMobiles: [], isAtAll: false },
  };
}

function asWebhookError(failure: DingTalkError): DingTalkError {
  const code = failure.platformCode ?? '';
  if (code === EXPIRED) return new WebhookExpiredError(failure.call);
  return TOO_LONG.has(code) ? new WebhookContentTooLargeError(failure.call) : failure;
}
