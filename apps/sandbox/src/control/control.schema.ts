import { z } from 'zod';
import { ALL_SCOPES } from '../world/directory.types';

const id = z.string().min(1).max(200);
const record = z.record(z.string(), z.unknown());

export const appBody = z.strictObject({
  clientSecret: id,
  name: z.string().max(100).optional(),
  robotCode: id.optional(),
  streamMode: z.boolean().default(true),
  published: z.boolean().default(true),
  scopes: z.array(z.string()).default([...ALL_SCOPES]),
  qps: z.number().int().nonnegative().optional(),
  /** Groups the bot joins; default all. */
  groups: z.array(id).optional(),
});

const url = z.url({ protocol: /^https?$/ });
export const callbacksBody = z
  .strictObject({
    eventsUrl: url.optional(),
    token: z.string().min(1).optional(),
    aesKey: z.string().length(43).optional(),
    owner: id.optional(),
    messagesUrl: url.optional(),
    cardsUrl: url.optional(),
    apiSecret: id.optional(),
  })
  .refine(({ eventsUrl, token, aesKey }) => !eventsUrl || (token && aesKey), {
    message: 'events need token and aesKey',
  });

export const rotateBody = z.strictObject({
  clientSecret: id,
  /** How long the secret from before goes on working; 0: it dies at once. */
  oldValidMs: z.number().int().nonnegative().default(0),
  revokeToken: z.boolean().default(false),
  dropConnections: z.boolean().default(false),
});

/** Which way a push goes; unset: over HTTP where the app has an address for it. */
const via = z.enum(['stream', 'http', 'both']).optional();

export const personBody = z.strictObject({
  userId: id,
  name: z.string().min(1).max(100),
  unionId: id.optional(),
  isAdmin: z.boolean().default(false),
  external: z.boolean().default(false),
});

export const groupBody = z.strictObject({
  groupId: id,
  title: z.string().min(1).max(200),
  memberIds: z.array(id).default([]),
  /** Client ids; default all bots. */
  botIds: z.array(id).optional(),
});

export const customRobotBody = z.strictObject({
  token: id,
  groupId: id,
  name: z.string().default('Custom robot'),
  secret: z.string().optional(),
  keywords: z.array(z.string()).default([]),
});

export const messageBody = z.strictObject({
  from: id,
  clientId: id.optional(),
  groupId: id.optional(),
  text: z.string().optional(),
  msgtype: z.string().min(1).default('text'),
  content: record.optional(),
  overrides: record.default({}),
  msgId: id.optional(),
  copies: z.number().int().min(1).max(10_000).default(1),
  spread: z.enum(['random', 'each']).default('random'),
  via,
});

export const eventBody = z.strictObject({
  clientId: id,
  eventType: z.string().min(1),
  data: record.default({}),
  eventId: id.optional(),
  corpId: id.optional(),
  topic: z.string().default('*'),
  via,
  copies: z.number().int().min(1).max(1_000).default(1),
});

export const cardActionBody = z.strictObject({
  outTrackId: id,
  clientId: id.optional(),
  userId: id,
  actionId: z.string(),
  via: z.enum(['stream', 'http']).optional(),
  params: record.default({}),
  overrides: record.default({}),
});

export const frameBody = z
  .strictObject({
    clientId: id,
    connectionId: id.optional(),
    raw: z.string().optional(),
    base64: z.string().optional(),
  })
  .refine((body) => (body.raw === undefined) !== (body.base64 === undefined), {
    message: 'needs exactly one of raw and base64',
  });

export const fileBody = z.strictObject({
  downloadCode: id.optional(),
  name: z.string().default('file.bin'),
  contentType: z.string().default('application/octet-stream'),
  text: z.string().optional(),
  base64: z.string().optional(),
  sizeBytes: z.number().int().min(0).max(1_000_000_000).optional(),
  status: z.number().int().min(200).max(599).optional(),
  redirect: z.string().optional(),
  delayMs: z.number().int().min(0).max(600_000).optional(),
  clientId: id.optional(),
  expired: z.boolean().optional(),
});

export const disconnectBody = z.strictObject({
  reason: z.string().default('connection is expired'),
  /** Leaves out messageId and specVersion (C22). */
  bare: z.boolean().default(false),
});

export const closeBody = z.strictObject({
  code: z
    .number()
    .int()
    .refine(
      (code) =>
        code === 1006 ||
        [1000, 1001, 1002, 1003].includes(code) ||
        (code >= 1007 && code <= 1014) ||
        (code >= 3000 && code <= 4999),
      {
        message: 'not a close code that can be sent; 1006 terminates',
      },
    )
    .default(1000),
});
