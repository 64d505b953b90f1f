import {
  CardNotExistError,
  CardTemplateError,
  DingTalkCredentialsError,
  DingTalkError,
  DingTalkIpNotAllowedError,
  DingTalkScopeMissingError,
  DingTalkThrottledError,
} from '@common/dingtalk';

import { CanaryNotDeliveredError, type Trial } from './channel-probe.client';
import type { ChannelCheck, ChannelStatus } from './channel-status.dto';

type Said = Omit<ChannelCheck, 'name'>;

const fine = (message: string): Said => ({ ok: true, code: 'ok', message, userAction: null });
const wrong = (code: string, message: string, userAction: string): Said => ({
  ok: false,
  code,
  message,
  userAction,
});
const notTried = (what: string): Said =>
  wrong('not_tried', `${what} not tried: another check failed first.`, 'Solve that first.');

/** The connection, as its status has it. */
export function streamCheck({ state, code, message, userAction }: ChannelStatus): ChannelCheck {
  return { name: 'stream', ok: state === 'connected', code, message, userAction };
}

/** Whether the app's credentials are good (messaging reference §1.6). */
export const tokenCheck = (trial: Trial): ChannelCheck => ({
  name: 'token',
  ...(trial === null ? fine('The credentials are good.') : faultOf(trial)),
});

/**
 * Whether the app may make cards and stream into them.
 * @param trials of a card for nobody and of a frame for no card; null: there is no token to try them with
 */
export function scopesCheck(
  trials: { readonly card: Trial; readonly frame: Trial } | null,
): ChannelCheck {
  if (!trials) return { name: 'scopes', ...notTried('Permissions were') };
  const { card, frame } = trials;
  const faults = [card, frame].filter((trial) => trial !== null && !isNoMatterOfScopes(trial));
  // A missing permission says more than whatever else went wrong.
  const fault = faults.find((trial) => trial instanceof DingTalkScopeMissingError) ?? faults[0];
  return {
    name: 'scopes',
    ...(fault === undefined ? fine('Cards may be written.') : faultOf(fault)),
  };
}

/** Whether the card template exists, is published and fits the app. */
export function templateCheck(card: Trial | undefined): ChannelCheck {
  if (card === null) return { name: 'template', ...fine('The card template is there.') };
  if (card instanceof CardTemplateError)
    return {
      name: 'template',
      ...wrong(
        'card_template_unusable',
        'The card template does not exist or is not published.',
        'Check card.templateId, and publish the template for this app.',
      ),
    };
  return { name: 'template', ...notTried('The template was') };
}

/** Whether a card reaches the chosen person and ends. @param trial undefined: there is no token to try it with */
export function cardCheck(trial: Trial | undefined): ChannelCheck {
  if (trial === undefined) return { name: 'card', ...notTried('A card was') };
  if (trial === null) return { name: 'card', ...fine('The tester has a finished card.') };
  if (trial instanceof CardTemplateError) return { ...templateCheck(trial), name: 'card' };
  if (trial instanceof CanaryNotDeliveredError)
    return {
      name: 'card',
      ...wrong(
        trial.code,
        `DingTalk made the card, and did not show it: ${trial.message}.`,
        'Check that the staff id belongs to this organisation, that the tester may see the app, and that robotCode is right.',
      ),
    };
  return { name: 'card', ...faultOf(trial) };
}

/** No such card, or a template that is judged by a check of its own: the call itself was allowed. */
const isNoMatterOfScopes = (trial: Trial): boolean =>
  trial instanceof CardNotExistError || trial instanceof CardTemplateError;

function faultOf(trial: Trial): Said {
  if (trial instanceof DingTalkCredentialsError)
    return wrong(
      'bad_credentials',
      'DingTalk refuses the client id or the client secret.',
      'Copy both again from the developer console.',
    );
  if (trial instanceof DingTalkScopeMissingError) {
    const scopes =
      trial.requiredScopes.join(', ') || 'Card.Instance.Write and Card.Streaming.Write';
    return wrong(
      'missing_scope',
      `The app lacks the permission ${scopes}.`,
      `Grant ${scopes} to the app in the developer console.`,
    );
  }
  if (trial instanceof DingTalkIpNotAllowedError)
    return wrong(
      'ip_not_allowed',
      'The app does not allow calls from our address.',
      'Add the egress address to the app’s IP allow list.',
    );
  if (trial instanceof DingTalkThrottledError)
    return wrong('throttled', 'DingTalk throttles this app now.', 'Try again in a minute.');
  return otherFault(trial);
}

function otherFault(trial: Trial): Said {
  const isSilent = !(trial instanceof DingTalkError) || typeof trial.call.status !== 'number';
  return isSilent
    ? wrong(
        'unreachable',
        'DingTalk cannot be reached from here.',
        'Check the network, and DINGTALK_API_URL.',
      )
    : wrong(trial.code, `DingTalk refuses: ${trial.message}.`, 'Try again later.');
}
