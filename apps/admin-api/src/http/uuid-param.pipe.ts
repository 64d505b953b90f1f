import { Injectable, type PipeTransform } from '@nestjs/common';

import { isUuid } from '@common/kernel';

import { NotFoundError } from './api.errors';

/** A path id that is no uuid names nothing: 404, as for one that is unknown. */
@Injectable()
export class UuidParam implements PipeTransform<string, string> {
  transform(value: string): string {
    if (!isUuid(value)) throw new NotFoundError('resource');
    return value.toLowerCase();
  }
}
