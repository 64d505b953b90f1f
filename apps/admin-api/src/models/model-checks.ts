import type { OutboundRefusedError } from '@common/outbound';

import type { ModelCheck } from './models.dto';

const check = (
  name: ModelCheck['name'],
  code: string,
  message: string,
  userAction: string | null,
): ModelCheck => ({ name, ok: userAction === null, code, message, userAction });

/** What the status of one small question says. */
export function answerCheck(status: number): ModelCheck {
  if (status < 300) return check('answer', 'ok', 'The model answers.', null);
  if (status === 401 || status === 403)
    return check(
      'answer',
      'key_rejected',
      'The model service refuses the key.',
      'Set apiKey anew.',
    );
  if (status === 404)
    return check(
      'answer',
      'model_unknown',
      'There is no such model at this address.',
      'Check baseUrl (most end with /v1) and upstreamModel.',
    );
  if (status === 402 || status === 429)
    return check(
      'answer',
      'busy_or_used_up',
      'The model service is too busy, or its allowance is used up.',
      'Try again in a minute; then look at the account there.',
    );
  if (status >= 500)
    return check(
      'answer',
      'service_fails',
      `The model service fails (HTTP ${status}).`,
      'Try again later.',
    );
  return check(
    'answer',
    'refused',
    `The model service refuses the question (HTTP ${status}).`,
    'Check upstreamModel and params.',
  );
}

export const refusedCheck = ({ reason, message }: OutboundRefusedError): ModelCheck =>
  check(
    'address',
    reason,
    `The address is not allowed: ${message}.`,
    'Choose a public address, or ask the operator.',
  );

export const silentCheck = (): ModelCheck =>
  check('address', 'unreachable', 'The address does not answer.', 'Check baseUrl and the network.');
