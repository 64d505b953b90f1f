import { type Dispatcher, request } from 'undici';

import type { Egress, OutboundGuard } from '@common/outbound';

import { Deadline } from '../http/deadline';
import type { EndpointRoutes } from '../http/endpoint-routes';
import { networkFault } from '../http/network-fault';
import type { AppCredentials, CallOptions } from '../open-api/app-credentials';
import {
  type DingTalkError,
  DingTalkRejectedError,
  DingTalkUnavailableError,
} from '../open-api/dingtalk.errors';
import type { OpenApi } from '../open-api/open-api.client';
import { looseText } from '../wire/tolerant';
import { DownloadCodeError, FileGoneError, FileHostRefusedError } from './file.errors';
import type { FileHosts } from './file-hosts';

export const FILE_LINK_API = '/v1.0/robot/messageFiles/download';
/** Stands for the link, which is a secret. */
const LINK = 'downloadUrl';
const MOST_REDIRECTS = 3;
/** Nothing for so long ends a download. */
const SILENCE_MS = 10_000;
/** Both codes are about the download code; the platform speaks of the robot's. */
const WRONG_CODE = /^invalidParameter\.robotCode\.(downloadCode|auth|empty)$/;

/** A file on its way: whoever opens it reads it, to its end or until enough is read. */
export interface OpenFile {
  /** @throws DingTalkError when it breaks off */
  readonly content: AsyncIterable<Uint8Array>;
  /** What the server calls it, without parameters; often `application/octet-stream`. */
  readonly mediaType: string | null;
  /** What the server announces. */
  readonly bytes: number | null;
}

/** Files that people send to a robot (messaging reference §4.6): a code gives a link, the link gives the bytes. */
export class MessageFiles {
  private readonly dispatcher: Dispatcher;

  /** Behind a proxy names are resolved there: the guard then judges what the URL itself says. */
  constructor(
    private readonly api: OpenApi,
    private readonly hosts: FileHosts,
    private readonly routes: EndpointRoutes,
    guard: OutboundGuard,
    egress?: Egress,
  ) {
    const agent = { bodyTimeout: SILENCE_MS, headersTimeout: SILENCE_MS, connections: 64 };
    this.dispatcher = egress?.dispatcher ?? guard.dispatcher({ agent });
  }

  /**
   * A link that lives for a while. It is a secret: whoever has it has the file.
   * @throws DownloadCodeError · DingTalkError
   */
  async link(
    app: AppCredentials,
    body: { readonly downloadCode: string; readonly robotCode: string },
    options?: CallOptions,
  ): Promise<string> {
    try {
      const answer = await this.api.call(
        { app, method: 'POST', path: FILE_LINK_API, body },
        options,
      );
      const link = looseText.parse(answer['downloadUrl']);
      if (!link) throw new DownloadCodeError({ api: FILE_LINK_API });
      return link;
    } catch (error) {
      const isCode =
        error instanceof DingTalkRejectedError && WRONG_CODE.test(error.platformCode ?? '');
      throw isCode ? new DownloadCodeError(error.call) : error;
    }
  }

  /**
   * Follows a link, and redirects between allowed hosts. Ends when `signal` does.
   * @throws FileHostRefusedError · FileGoneError · DingTalkUnavailableError
   * @throws OutboundRefusedError for an address inside our own network
   */
  async open(
    link: string,
    { endpoint, signal, timeoutMs }: CallOptions & Pick<AppCredentials, 'endpoint'>,
  ): Promise<OpenFile> {
    const deadline = new Deadline(timeoutMs ?? 20_000, signal);
    try {
      const answer = await this.follow(link, endpoint, deadline.signal);
      return {
        content: contentOf(answer.body, deadline),
        mediaType: textOf(answer.headers['content-type'])?.split(';')[0]?.trim() ?? null,
        bytes: Number(textOf(answer.headers['content-length']) ?? Number.NaN) || null,
      };
    } catch (error) {
      deadline.dispose();
      throw faultOf(error);
    }
  }

  async close(): Promise<void> {
    await this.dispatcher.close();
  }

  private async follow(
    link: string,
    endpoint: AppCredentials['endpoint'],
    signal: AbortSignal,
  ): Promise<Dispatcher.ResponseData> {
    let next = link;
    for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
      const url = this.hosts.allowed(next, endpoint);
      if (!url) throw new FileHostRefusedError({ api: LINK });
      this.routes.check(url.href, endpoint);
      const dispatcher = (endpoint && this.routes.to(endpoint).dispatcher) ?? this.dispatcher;
      const answer = await request(url, { method: 'GET', signal, dispatcher });
      const { statusCode: status, headers, body } = answer;
      if (status === 200) return answer;
      await body.dump();
      const isRedirect = status >= 300 && status < 400 && headers['location'] !== undefined;
      if (!isRedirect) throw refusalOf(status);
      next = new URL(textOf(headers['location']) ?? '', url).href;
    }
    throw new FileHostRefusedError({ api: LINK });
  }
}

const refusalOf = (status: number): DingTalkError =>
  status >= 500 || status === 429 || status === 408
    ? new DingTalkUnavailableError({ api: LINK, status })
    : new FileGoneError({ api: LINK, status });

/** The bytes; the deadline ends with them, or with whoever stops reading. */
async function* contentOf(
  body: AsyncIterable<Uint8Array>,
  deadline: Deadline,
): AsyncIterable<Uint8Array> {
  try {
    for await (const chunk of body) yield chunk;
  } catch (error) {
    throw faultOf(error);
  } finally {
    deadline.dispose();
  }
}

/** Fetching changes nothing, so whatever went wrong with the network may be tried again. */
function faultOf(error: unknown): unknown {
  // Our own verdicts carry a `retry`.
  if (error !== null && typeof error === 'object' && 'retry' in error) return error;
  return new DingTalkUnavailableError({ api: LINK, networkCode: networkFault(error).code });
}

const textOf = (header: string | string[] | undefined): string | undefined =>
  Array.isArray(header) ? header[0] : header;
