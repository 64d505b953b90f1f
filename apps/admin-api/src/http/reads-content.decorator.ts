import { SetMetadata } from '@nestjs/common';

export const READS_CONTENT = 'carillon:reads-content';

/** A route that shows what people wrote or were answered. Every such read is noted, so the mark stands on all of them. */
export const ReadsContent = () => SetMetadata(READS_CONTENT, true);
