import { z } from 'zod';

const ms = z.number().int().nonnegative();
const count = z.number().int().nonnegative();

/** Global knobs, changed at run time by `PATCH /sandbox/settings`. Durations are ms; 0 = off where it makes sense. */
export const settingsSchema = z.strictObject({
  /** Un-acked robot messages come again after this long (messaging reference §2.4). */
  redeliveryMs: ms.min(1).default(60_000),
  /** Pushes of one robot message before the platform gives up. */
  maxPushes: count.min(1).default(50),
  /** The documentation and the field disagree whether an ack with code 500 brings a robot message back (C37). */
  redeliverOn500: z.boolean().default(true),
  /** How long an event may stay un-acked, and the pause before it comes again (C37). */
  eventAckMs: ms.min(1).default(3_000),
  eventRetryMs: ms.min(1).default(5_000),
  /** How long a card callback waits for its ack (C92). */
  callbackMs: ms.min(1).default(2_000),
  /** How long an address may take to answer an event or a robot message over HTTP (enterprise reference §D.4). */
  callbackTimeoutMs: ms.min(1).default(2_500),
  /** When an event that was not answered comes again over HTTP, before it fails. */
  callbackRetryMs: z.array(ms).max(10).default([10_000, 30_000]),
  /** Pause between a SYSTEM disconnect frame and the close (C22). */
  disconnectCloseMs: ms.default(10_000),
  /** Interval of SYSTEM ping frames; 0 sends none. */
  pingMs: ms.default(30_000),
  /** How long its answer may take before it is a violation (C20). */
  pingAnswerMs: ms.min(1).default(5_000),
  /** A connection not heard of for this long is dropped by the platform. */
  deadAfterMs: ms.min(1).default(90_000),
  /** A connection that died without a closing handshake keeps its share of pushes for this long (C36). */
  ghostMs: ms.default(0),
  /** Close each new connection this long after it opened (C17); 0 = never. */
  acceptThenDrop: ms.default(0),
  /** Close the older connections of an app each time it opens a newer one. */
  evictOlder: z.boolean().default(false),
  /** Send the undocumented SYSTEM CONNECTED and REGISTERED notices. */
  systemNotices: z.boolean().default(false),
  ticketLifeMs: ms.min(1).default(90_000),
  /** `form` takes a raw `+` for a blank, so that a ticket that was not URL-encoded is refused (C12). */
  ticketDecoding: z.enum(['lenient', 'form']).default('lenient'),
  /** `open` answers 127.0.0.1 and localhost in turns (C18). */
  alternateEndpointHosts: z.boolean().default(false),
  tokenLifeMs: ms.min(1).default(7_200_000),
  /** Calls per second for one app and path template; an app's own `qps` goes first. 0 = unlimited. */
  qps: count.default(20),
  /** What `qps` counts: each API path of an app for itself, as documented, or all its calls together, as some report. */
  qpsPer: z.enum(['api', 'app']).default('api'),
  /** The same for sessionWebhook calls, answered with errcode 90018. */
  webhookQps: count.default(20),
  /** Monthly allowances of the corp (§7.2); 0 = unlimited. */
  apiCallsPerMonth: count.default(0),
  messagesPerMonth: count.default(0),
  /** Said in sessionWebhookExpiredTime. */
  webhookLifeMs: ms.default(5_400_042),
  /** The real life when it differs from what the message said (C61); 0 = as said. */
  webhookActualLifeMs: ms.default(0),
  /** A finished card with more characters than this renders empty although the API said OK (C87); 0 = off. */
  blankAbove: count.default(3_000),
  /** Largest streaming content in UTF-8 bytes (C86); 0 = unlimited. */
  contentLimit: count.default(0),
  streamingAfterFinalize: z.enum(['ignore', 'reject']).default('ignore'),
  repeatedCreate: z.enum(['reject', 'silent']).default('reject'),
  /** Users for whom robot sends answer `flowControlledStaffIdList` (C63). */
  flowControlledUserIds: z.array(z.string()).default([]),
  /** Legacy answers carry errcode as a string (C7). */
  errcodeAsString: z.boolean().default(false),
  /** Added to every time the platform states (C104). */
  clockSkewMs: z.number().int().default(0),
});

export type Settings = z.infer<typeof settingsSchema>;

/** A change of some knobs; unknown names are refused so that a typo cannot pass for a test. */
export const settingsPatchSchema = z.strictObject(
  Object.fromEntries(
    Object.entries(settingsSchema.shape).map(([name, schema]) => [
      name,
      schema.unwrap().optional(),
    ]),
  ),
);

/** Lays a parsed patch over the settings and checks the whole. */
export function patchSettings(current: Settings, patch: Record<string, unknown>): Settings {
  return settingsSchema.parse({ ...current, ...patch });
}
