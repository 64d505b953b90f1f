/** Public, with text and buttons and no stream: it is never "running" (messaging reference §6.2). */
export const NOTICE_TEMPLATE = '1366a1eb-bc54-4859-ac88-517c56a9acb1.schema';

export interface CardButton {
  readonly id: string;
  readonly label: string;
  /** Opens this; without it the click comes to us. */
  readonly url?: string | undefined;
  readonly color: string;
}

/** Variables of a card with buttons. A click names its button by component id and parameter. */
export const noticeParams = (card: {
  readonly title: string;
  readonly markdown: string;
  readonly buttons: readonly CardButton[];
}): Record<string, string> => ({
  title: card.title,
  markdown: card.markdown,
  tips: '',
  sys_full_json_obj: JSON.stringify({ msgButtons: card.buttons.map(buttonOf) }),
});

/** Variables of the update that says below the text what was chosen. */
export const chosenParams = (tips: string): Record<string, string> => ({ tips });

const buttonOf = ({ id, label, url, color }: CardButton): object =>
  url === undefined
    ? { text: label, color, id, request: true, params: { id } }
    : { text: label, color, url, iosUrl: url };
