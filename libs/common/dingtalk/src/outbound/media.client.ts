import { FormData } from 'undici';

import { Deadline } from '../http/deadline';
import type { PlatformHttp } from '../http/platform-http.client';
import type { AccessTokens } from '../open-api/access-tokens';
import type { AppCredentials, CallOptions } from '../open-api/app-credentials';
import { baseUrlOf } from '../open-api/app-endpoint';
import { DingTalkUnknownOutcomeError } from '../open-api/dingtalk.errors';
import { legacyFailureOf } from '../open-api/legacy-failure';

const API = '/media/upload';
/** Twenty megabytes on a slow line. */
const TIMEOUT_MS = 60_000;
/** Stale or refused token (messaging reference §1.5). */
const TOKEN_CODES: ReadonlySet<string> = new Set(['40014', '42001', '40001']);

export interface NewMedia {
  readonly kind: 'image' | 'file';
  /** With its ending, by which the platform judges it. */
  readonly name: string;
  readonly content: Buffer;
}

/** Files that messages may name (messaging reference §4.7). Uploading again makes a second one, which harms nobody. */
export class Media {
  constructor(
    private readonly oapiUrl: string,
    private readonly http: PlatformHttp,
    private readonly tokens: AccessTokens,
  ) {}

  /** @returns the media id, which begins with `@` or `$`. @throws DingTalkError */
  async upload(
    app: AppCredentials,
    media: NewMedia,
    { timeoutMs = TIMEOUT_MS, signal }: CallOptions = {},
  ): Promise<string> {
    const deadline = new Deadline(timeoutMs, signal);
    try {
      const token = await this.tokens.get(app, deadline.signal);
      const answer = await this.send(app, media, token, deadline.signal);
      if (!TOKEN_CODES.has(String(answer.body?.['errcode']))) return idOf(answer);
      await this.tokens.invalidate(app, token);
      const fresh = await this.tokens.get(app, deadline.signal);
      return idOf(await this.send(app, media, fresh, deadline.signal));
    } finally {
      deadline.dispose();
    }
  }

  private send(
    app: AppCredentials,
    { kind, name, content }: NewMedia,
    token: string,
    signal: AbortSignal,
  ) {
    const query = new URLSearchParams({ access_token: token, type: kind });
    const form = new FormData();
    form.set('media', new Blob([new Uint8Array(content)]), name);
    const url = `${baseUrlOf(app, 'oapiUrl', this.oapiUrl)}${API}?${query}`;
    const { endpoint } = app;
    return this.http.send({ method: 'POST', url, form, api: API, endpoint }, signal);
  }
}

function idOf(answer: Awaited<ReturnType<PlatformHttp['send']>>): string {
  const failure = legacyFailureOf(answer, API);
  if (failure) throw failure;
  const id = answer.body?.['media_id'];
  if (typeof id !== 'string' || id === '') throw new DingTalkUnknownOutcomeError({ api: API });
  return id;
}
