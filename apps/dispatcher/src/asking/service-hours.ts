import type { ServiceHours } from '@common/domain';

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

/** Whether a bot answers at this moment, by the wall clock of its time zone. */
export function isWithinHours({ timeZone, spans }: ServiceHours, at: Date): boolean {
  const { day, time } = wallClock(timeZone, at);
  return spans.some(({ days, from, to }) => days.includes(day) && from <= time && time < to);
}

/** The hours as a person reads them: `Mon–Fri 09:00–18:00`, in numbers of days for Chinese readers. */
export function hoursInWords({ spans, timeZone }: ServiceHours, locale: 'zh' | 'en'): string {
  const names = locale === 'zh' ? [...'一二三四五六日'].map((name) => `周${name}`) : WEEKDAYS;
  const words = spans.map(
    ({ days, from, to }) =>
      `${days.map((day) => names[day - 1]).join(locale === 'zh' ? '、' : ', ')} ${from}–${to}`,
  );
  return `${words.join(locale === 'zh' ? '；' : '; ')} ${timeZone}`;
}

/** @returns `day` 1 (Monday) to 7, and `time` as HH:MM */
function wallClock(timeZone: string, at: Date): { day: number; time: string } {
  const parts = new Intl.DateTimeFormat('en-GB', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).formatToParts(at);
  const of = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((part) => part.type === type)?.value ?? '';
  return {
    day: WEEKDAYS.indexOf(of('weekday')) + 1,
    time: `${of('hour')}:${of('minute')}`,
  };
}
