import { z } from 'zod';

import { secret } from './secret';

/** Where DingTalk is, and which private addresses we may call. */
export const platformEnv = z.object({
  DINGTALK_API_URL: z
    .url()
    .default('https://api.dingtalk.com')
    .describe('New OpenAPI and the opening of streams; the sandbox in development'),
  DINGTALK_OAPI_URL: z
    .url()
    .default('https://oapi.dingtalk.com')
    .describe('Legacy OpenAPI, session webhooks, media upload'),
  DINGTALK_LOGIN_URL: z.url().default('https://login.dingtalk.com').describe('Login pages'),
  OPENAI_BASE_URL: z
    .url()
    .optional()
    .describe('Host that model calls may reach even when it is private'),
  HTTPS_PROXY: secret()
    .refine((value) => URL.canParse(value.reveal()), 'must be a URL such as http://proxy:3128')
    .optional()
    .describe('HTTP proxy for calls and connections to DingTalk; unset: directly'),
  NO_PROXY: z
    .string()
    .default('')
    .describe('Hosts that are called without the proxy: names, .suffixes, host:port, *'),
  OUTBOUND_ALLOW: z
    .string()
    .default('')
    .describe(
      'Further CIDRs and hosts that may be called, separated by commas; 169.254.0.0/16 never',
    ),
});
