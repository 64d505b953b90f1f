import { createHmac } from 'node:crypto';

import { Secret } from '@common/config';

import { CALLBACK_WINDOW_MS } from './callback-signatures';
import { CallbackRefusedError } from './callback.errors';
import { verifyCardHeaders, verifyRobotHeaders } from './signed-time';

const NOW = 1_700_000_006_000;
const secrets = (...values: string[]): Secret[] => values.map((value) => new Secret(value));
const robotHeaders = (secret: string, timestamp = String(NOW)) => ({
  timestamp,
  sign: createHmac('sha256', secret).update(`${timestamp}\n${secret}`).digest('base64'),
});
const VECTOR = {
  'x-ddpaas-signature-timestamp': '1700000006000',
  'x-ddpaas-signature': 'jEHUnIHlc+onTPSummncxuME6l55T5/tUrHcbLPt38c=',
};
const refusal = (why: string): Error =>
  expect.objectContaining({ code: 'callback_refused', why }) as Error;

describe('robot messages over HTTP (messaging reference §4.1)', () => {
  it('are proven by the app’s secret, and by the one before or after it', () => {
    for (const known of [['now'], ['old', 'now'], ['now', 'next']])
      expect(() => verifyRobotHeaders(robotHeaders('now'), secrets(...known), NOW)).not.toThrow();
  });

  it.each([
    ['another secret', robotHeaders('other'), 'signature_wrong'],
    ['another time', { ...robotHeaders('now'), timestamp: String(NOW + 1) }, 'signature_wrong'],
    ['no time', { sign: 'x' }, 'signature_missing'],
    ['no signature', { timestamp: String(NOW) }, 'signature_missing'],
    ['two signatures', { timestamp: String(NOW), sign: ['a', 'b'] }, 'signature_missing'],
    ['an old time', robotHeaders('now', String(NOW - CALLBACK_WINDOW_MS - 1)), 'outside_window'],
    ['a future time', robotHeaders('now', String(NOW + CALLBACK_WINDOW_MS + 1)), 'outside_window'],
    ['no number', robotHeaders('now', 'NaN'), 'outside_window'],
  ])('refuses %s', (_name, headers, why) => {
    const attempt = () => verifyRobotHeaders(headers, secrets('now'), NOW);
    expect(attempt).toThrow(CallbackRefusedError);
    expect(attempt).toThrow(refusal(why));
  });
});

describe('card actions over HTTP', () => {
  it('E129 matches vector F.4 and returns the signed time', () => {
    expect(verifyCardHeaders(VECTOR, secrets('cardApiSecret01'), NOW)).toBe('1700000006000');
  });

  it('E129 refuses a wrong and a stale signature', () => {
    expect(() => verifyCardHeaders(VECTOR, secrets('other'), NOW)).toThrow(
      refusal('signature_wrong'),
    );
    expect(() =>
      verifyCardHeaders(VECTOR, secrets('cardApiSecret01'), NOW + CALLBACK_WINDOW_MS + 1),
    ).toThrow(refusal('outside_window'));
    expect(() => verifyCardHeaders({}, secrets('cardApiSecret01'), NOW)).toThrow(
      refusal('signature_missing'),
    );
  });
});
