import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';

import { pageOf, pageQuery } from '../http/page';
import { searchText } from '../http/search-window';
import { channelStatus } from './channel-status.dto';
import { channelView } from './channels.dto';

const listedStatus = channelStatus.omit({ allowance: true });
export type ListedStatus = z.output<typeof listedStatus>;

export const listedChannel = channelView.extend({
  status: listedStatus.optional().describe('With `include=status`'),
});
export type ListedChannel = z.output<typeof listedChannel>;

export class ListChannelsDto extends createZodDto(
  pageQuery.extend({
    q: searchText.optional().describe('Part of the name or the client id, of any case'),
    enabled: z.stringbool().optional(),
    include: z.enum(['status']).optional().describe('What a gateway knows of each, in one go'),
  }),
) {}
export class ChannelListDto extends createZodDto(pageOf(listedChannel)) {}
