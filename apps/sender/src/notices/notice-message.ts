import { noticeParams, type RobotContent } from '@common/dingtalk';
import { say } from '@common/domain';

import { renderMarkdown } from '../markdown/render-markdown';
import { withMark } from '../text/answer-pieces';
import type { ClaimedNotice } from './claimed-notice';

export const titleOf = ({ content, locale }: ClaimedNotice): string =>
  content.title || say('noticeTitle', locale);

/** The message of a notice. A repetition after an unknown outcome says that it may be one. */
export function messageOf(notice: ClaimedNotice, isRepeated: boolean): RobotContent {
  const { kind, content, mark, locale } = notice;
  const words = kind === 'text' ? content.text : renderMarkdown(content.text, 'message');
  const whole = withMark(words, mark);
  const text = isRepeated ? `${say('possiblyTwice', locale)}\n\n${whole}` : whole;
  return kind === 'text' ? { kind, text } : { kind: 'markdown', title: titleOf(notice), text };
}

/** The variables of its card. */
export const cardOf = (notice: ClaimedNotice): Record<string, string> =>
  noticeParams({
    title: titleOf(notice),
    markdown: withMark(renderMarkdown(notice.content.text, 'card'), notice.mark),
    buttons: notice.content.buttons,
  });
