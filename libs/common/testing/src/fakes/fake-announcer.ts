import {
  type Announcement,
  type AnnouncementName,
  Announcer,
  announcements,
} from '@common/contracts';

/** Remembers what was announced. */
export class FakeAnnouncer extends Announcer {
  readonly news: { readonly name: AnnouncementName; readonly news: unknown }[] = [];

  announce<N extends AnnouncementName>(name: N, news: Announcement<N>): Promise<void> {
    this.news.push({ name, news: announcements[name].parse(news) });
    return Promise.resolve();
  }
}
