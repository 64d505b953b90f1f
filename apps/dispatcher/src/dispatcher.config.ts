import { Injectable } from '@nestjs/common';
import { z } from 'zod';

import { coreEnv } from '@common/bootstrap';
import { port, validatedEnv } from '@common/config';
import { DEFAULT_FILE_HOSTS } from '@common/dingtalk';
import { filesEnv } from '@common/files';

/** Validated when the service starts, frozen after; a wrong variable stops the boot and names itself. */
@Injectable()
export class DispatcherConfig extends validatedEnv(
  coreEnv.extend(filesEnv.shape).extend({
    DISPATCHER_PORT: port(3002).describe(
      'Health, readiness and metrics of the dispatcher; 0 picks a port',
    ),
    DISPATCHER_CONCURRENCY: z.coerce
      .number()
      .int()
      .positive()
      .default(16)
      .describe('Threads that one dispatcher brings up to date at the same time'),
    SWEEP_INTERVAL_MS: z.coerce
      .number()
      .int()
      .positive()
      .default(2_000)
      .describe('How often a dispatcher looks for rows that stand still'),
    FILES_CONCURRENCY: z.coerce
      .number()
      .int()
      .positive()
      .default(8)
      .describe('Files that one dispatcher fetches at the same time; half of them for one channel'),
    FILES_MAX_BYTES: z.coerce
      .number()
      .int()
      .positive()
      .default(20 * 1024 * 1024)
      .describe('Larger pictures and files are not fetched'),
    FILES_TIMEOUT_MS: z.coerce
      .number()
      .int()
      .positive()
      .default(20_000)
      .describe('How long one download may take'),
    FILES_HOSTS: z
      .string()
      .default(DEFAULT_FILE_HOSTS.join(','))
      .transform((list) => list.split(/[\s,]+/).filter((host) => host !== ''))
      .describe(
        'Where links to files may lead, separated by commas: hosts, .suffixes, host:port; the hosts of DINGTALK_*_URL always',
      ),
  }),
) {}
