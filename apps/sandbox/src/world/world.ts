import { EventEmitter } from 'node:events';
import type { FailedEvent, HttpCallbacks, HttpPushRecord } from '../callbacks/http-callbacks';
import { FaultBoard } from '../faults/fault-board';
import { BoundedLog } from './bounded-log';
import { BoundedMap } from './bounded-map';
import { Cards } from './cards';
import { Conversations } from './conversations';
import { Directory } from './directory';
import { Files } from './files';
import { RateWindow } from './rate-window';
import { settingsSchema, type Settings } from './settings';
import { Stillness } from './stillness';
import { Tickets } from './tickets';
import { Tokens } from './tokens';
import { WebhookSessions } from './webhook-sessions';

/** One API call as it was answered. Never holds a secret. `status` 0: the caller got no answer. */
export interface CallRecord {
  readonly at: number;
  readonly durationMs: number;
  readonly method: string;
  /** The path template, never the path with its values. */
  readonly path: string;
  readonly name: string;
  readonly clientId: string | null;
  readonly status: number;
  /** `code` or `errcode` of the answer. */
  readonly code: string | null;
  readonly outTrackId?: string;
  readonly isFinalize?: boolean;
  readonly faultId?: string;
}

/** A client did what the platform's rules forbid. */
export interface Violation {
  readonly at: number;
  readonly kind: string;
  readonly clientId: string | null;
  readonly detail: Readonly<Record<string, unknown>>;
}

/** Everything the platform knows, in memory and bounded. */
export class World {
  readonly directory = new Directory();
  readonly conversations = new Conversations(this.directory);
  readonly cards = new Cards();
  readonly tokens = new Tokens();
  readonly tickets = new Tickets();
  readonly webhookSessions = new WebhookSessions();
  readonly files = new Files();
  /** What apps uploaded, by media id. */
  readonly media = new BoundedMap<{ readonly name: string; readonly content: Buffer }>(200);
  readonly faults = new FaultBoard();
  /** Apps that want pushes over HTTP. Survives `POST /sandbox/reset`. */
  readonly httpCallbacks = new Map<string, HttpCallbacks>();
  readonly httpPushes = new BoundedLog<HttpPushRecord>(20_000);
  readonly failedEvents = new BoundedLog<FailedEvent>(5_000);
  readonly calls = new BoundedLog<CallRecord>(50_000);
  readonly violations = new BoundedLog<Violation>(5_000);
  readonly stillness = new Stillness();
  readonly perSecond = new RateWindow(1_000);
  readonly perMinute = new RateWindow(60_000);
  /** msgUuid of custom robot messages (§5.9). */
  readonly customMessageIds = new BoundedMap<true>(10_000);
  readonly used = { apiCalls: 0, messages: 0 };
  /** Feeds the page; see `GET /sandbox/stream`. */
  readonly feed = new EventEmitter().setMaxListeners(0);
  settings: Settings;
  /** Set when the server listens. */
  baseUrl = '';

  constructor(settings: Partial<Settings> = {}) {
    this.initialSettings = settingsSchema.parse(settings);
    this.settings = this.initialSettings;
  }
  private readonly initialSettings: Settings;

  /** Back to the knobs the sandbox started with. */
  restoreSettings(): void {
    this.settings = this.initialSettings;
  }

  /** The time as the platform states it (C104). */
  now(): number {
    return Date.now() + this.settings.clockSkewMs;
  }

  violation(kind: string, clientId: string | null, detail: Record<string, unknown>): void {
    this.publish('violation', this.violations.add({ at: Date.now(), kind, clientId, detail }));
  }

  publish(event: string, data: unknown): void {
    this.feed.emit('change', event, data);
  }

  /** Forgets what happened; the organisation, tokens, connections and settings stay. */
  reset(): void {
    this.conversations.clear();
    this.cards.clear();
    this.webhookSessions.clear();
    this.calls.clear();
    this.httpPushes.clear();
    this.failedEvents.clear();
    this.violations.clear();
    this.faults.clear();
    this.perSecond.clear();
    this.perMinute.clear();
    this.customMessageIds.clear();
    this.used.apiCalls = 0;
    this.used.messages = 0;
    this.publish('reset', {});
  }
}
