import { Injectable, type PipeTransform } from '@nestjs/common';

import { NotFoundError } from '../http/api.errors';
import { versionNumber } from './agent-versions.dto';

/** A path part that is no number names no version: 404, as for one that is unknown. */
@Injectable()
export class VersionParam implements PipeTransform<string, number> {
  transform(value: string): number {
    const parsed = versionNumber.safeParse(value);
    if (!parsed.success) throw new NotFoundError('version of this agent');
    return parsed.data;
  }
}
