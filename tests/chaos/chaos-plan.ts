import { type ServiceName, serviceNames } from '../system/support/service-process';
import type { Seeded } from './seeded';

export type Link = 'platform' | 'redis' | 'postgres';
export type ModelMood = 'well' | 'slow' | 'busy' | 'broken' | 'cut' | 'silent' | 'garbled';

/** One thing that is done to the running installation. */
export type ChaosAct =
  | { readonly kind: 'kill'; readonly service: ServiceName; readonly downMs: number }
  | { readonly kind: 'restart'; readonly service: ServiceName }
  | { readonly kind: 'pause'; readonly service: ServiceName; readonly forMs: number }
  | { readonly kind: 'redis-kill' | 'postgres-kill'; readonly downMs: number }
  | { readonly kind: 'redis-wipe' | 'postgres-drop-sessions' }
  | { readonly kind: 'cut'; readonly link: Link }
  | { readonly kind: 'delay'; readonly link: Link; readonly ms: number; readonly forMs: number }
  | { readonly kind: 'platform-fault'; readonly fault: PlatformFault; readonly forMs: number }
  | { readonly kind: 'socket'; readonly how: SocketEnd }
  | { readonly kind: 'model'; readonly mood: ModelMood; readonly forMs: number };

export type SocketEnd = 'reset' | 'close' | 'freeze' | 'disconnect';

export interface PlatformFault {
  readonly on: string;
  readonly every: number;
  readonly act: Readonly<Record<string, unknown>>;
}

/** What is done when, one thing after the other within a lane; lanes run side by side. */
export interface ChaosStep {
  /** Pause before it, after the lane's last act has ended. */
  readonly afterMs: number;
  readonly act: ChaosAct;
}

export const lanes = ['processes', 'stores', 'links', 'platform', 'model'] as const;
export type Lane = (typeof lanes)[number];

const cardCalls = ['createAndDeliver', 'streaming', 'update', 'webhook', 'batchSend', 'groupSend'];

/** Ways the platform fails (messaging reference §7): each is either refused or of unknown outcome for the caller. */
const platformActs: readonly PlatformFault['act'][] = [
  { error: 'qps' },
  { error: 'systemError' },
  { error: 'gatewayTimeout' },
  { error: 'unavailable' },
  { error: 'busy' },
  { error: 'tooMany' },
  { reset: true },
  { resetAfterProcessing: true },
  { hang: true },
  { empty: true },
  { html: true },
  { truncated: true },
  { delayMs: 1_500 },
  { delayAnswerMs: 1_500 },
  { error: 'invalidToken' },
];

// Not `createdButNotDelivered`: a repeated create that answers "card already exists" counts as delivered (design §3), so
// what nobody sees cannot be told from what everybody sees.
const cardOnly: readonly PlatformFault[] = [
  { on: 'createAndDeliver', every: 4, act: { deliverFalse: true } },
  { on: 'streaming', every: 6, act: { error: 'streamCardNotExist' } },
  { on: 'streaming', every: 1, act: { error: 'unknownError' } },
  { on: 'webhook', every: 2, act: { error: 'sessionExpired' } },
];

/** An endless sequence of acts for one lane; the same for the same seed. */
export function* stepsOf(lane: Lane, random: Seeded): Generator<ChaosStep, never> {
  for (;;) yield { afterMs: random.between(...pauseOf[lane]), act: actOf[lane](random) };
}

const pauseOf: Record<Lane, [number, number]> = {
  processes: [1_500, 5_000],
  stores: [8_000, 14_000],
  links: [3_000, 8_000],
  platform: [1_000, 6_000],
  model: [2_000, 6_000],
};

const actOf: Record<Lane, (random: Seeded) => ChaosAct> = {
  processes: (random) => {
    const service = random.pick(serviceNames);
    const roll = random.next();
    if (roll < 0.55) return { kind: 'kill', service, downMs: random.between(0, 3_000) };
    if (roll < 0.8) return { kind: 'restart', service };
    return { kind: 'pause', service, forMs: random.between(1_000, 12_000) };
  },
  // One lane for all that makes Postgres slow and all that empties Redis: what was acknowledged on Redis alone, while
  // Postgres was away, is lost when Redis is wiped before it is back (P5 says so).
  stores: (random) => {
    const roll = random.next();
    if (roll < 0.25) return { kind: 'redis-wipe' };
    if (roll < 0.45) return { kind: 'redis-kill', downMs: random.between(500, 5_000) };
    if (roll < 0.6) return { kind: 'postgres-drop-sessions' };
    if (roll < 0.75) return { kind: 'postgres-kill', downMs: random.between(500, 5_000) };
    return disturbance('postgres', random);
  },
  links: (random) => disturbance(random.pick(['platform', 'redis'] as const), random),
  platform: (random) => {
    if (random.chance(0.3))
      return { kind: 'socket', how: random.pick(['reset', 'close', 'freeze', 'disconnect']) };
    const fault: PlatformFault = random.chance(0.25)
      ? random.pick(cardOnly)
      : {
          on: random.pick(cardCalls),
          every: random.between(1, 4),
          act: random.pick(platformActs),
        };
    return { kind: 'platform-fault', fault, forMs: random.between(1_000, 6_000) };
  },
  model: (random) => ({
    kind: 'model',
    mood: random.pick(['well', 'slow', 'busy', 'broken', 'cut', 'silent', 'garbled']),
    forMs: random.between(1_000, 5_000),
  }),
};

const disturbance = (link: Link, random: Seeded): ChaosAct =>
  random.chance(0.5)
    ? { kind: 'cut', link }
    : { kind: 'delay', link, ms: random.between(50, 700), forMs: random.between(500, 4_000) };
