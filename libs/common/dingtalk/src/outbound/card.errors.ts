import { type CallDetails, DingTalkError } from '../open-api/dingtalk.errors';

/** No card of this outTrackId: it was never created, or under another app. */
export class CardNotExistError extends DingTalkError {
  readonly code = 'card_not_exist';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('the card does not exist', call);
  }
}

/** The platform's `unknownError` on a card: as a rule the streaming key is none of the template's (§6.7). */
export class CardTemplateMismatchError extends DingTalkError {
  readonly code = 'card_template_mismatch';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('the content key does not fit the card template', call);
  }
}

/** The template does not exist, is not published, or belongs to another app. */
export class CardTemplateError extends DingTalkError {
  readonly code = 'card_template_unusable';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('the card template does not exist or is not published', call);
  }
}

export class CardContentTooLargeError extends DingTalkError {
  readonly code = 'card_content_too_large';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('the text is too large for the card', call);
  }
}

/** The platform's content review refuses this text. */
export class CardContentUnsafeError extends DingTalkError {
  readonly code = 'card_content_unsafe';
  readonly outcome = 'refused';
  readonly retry = 'never';

  constructor(call: CallDetails) {
    super('the content review of DingTalk refuses the text', call);
  }
}

const byPlatformCode: Readonly<Record<string, new (call: CallDetails) => DingTalkError>> = {
  'param.cardnotexist': CardNotExistError,
  'param.stream.outtrackid': CardNotExistError,
  'param.stream.content': CardContentTooLargeError,
  'param.contentunsafe': CardContentUnsafeError,
  'param.templatenotexist': CardTemplateError,
  'param.templateunpublished': CardTemplateError,
  unknownerror: CardTemplateMismatchError,
};

/** The card's own word for a failure, where there is one (messaging reference §6.7). */
export function asCardError(error: unknown): unknown {
  if (!(error instanceof DingTalkError) || error.outcome === 'unknown') return error;
  const CardError = byPlatformCode[error.platformCode?.toLowerCase() ?? ''];
  return CardError ? new CardError(error.call) : error;
}
