import type { PlatformApp } from '../world/directory.types';
import type { World } from '../world/world';
import type { ApiReply } from './api-error';

/** One call, as a route sees it. */
export interface ApiCall {
  readonly world: World;
  /** The caller; throws in routes whose caller the pipeline did not identify. */
  readonly app: PlatformApp;
  /** Parsed JSON, or {} when there is none. */
  readonly body: Record<string, unknown>;
  readonly raw: Buffer;
  readonly query: URLSearchParams;
  readonly params: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Faults that only a route can act out. */
  readonly deliverFalse: boolean;
  readonly createdButNotDelivered: boolean;
}

/** One API of the platform. */
export interface ApiRoute {
  /** Short name, also what faults call it. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT';
  /** Express path; `:name` shows as `{name}` in records. */
  readonly path: string;
  readonly style: 'new' | 'legacy';
  /** `token`: header or query; `none`: the route finds its caller by `callerOf`. */
  readonly auth: 'token' | 'none';
  readonly scope?: string;
  /** What it counts against (§7.2). */
  readonly billed: 'api' | 'message' | 'free';
  readonly limited?: 'app' | 'webhook';
  callerOf?(call: Pick<ApiCall, 'world' | 'body' | 'query'>): string | undefined;
  handle(call: ApiCall): ApiReply | Promise<ApiReply>;
}

export const ok = (body: unknown): ApiReply => ({ status: 200, body });

/** The path as records, faults and rate windows name it. */
export const pathTemplate = (path: string): string => path.replace(/:(\w+)/g, '{$1}');

/** A string field, or undefined when it is absent or of another type. */
export function text(body: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = body[key];
  return typeof value === 'string' ? value : undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
