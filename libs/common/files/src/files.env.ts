import { z } from 'zod';

import { secret } from '@common/config';

/** Where files are kept. Services that write and that read them need the same settings. */
export const filesEnv = z.object({
  FILES_DIR: z
    .string()
    .min(1)
    .default('.data/files')
    .describe('Folder for what people send; all services must see the same one'),
  FILES_S3_BUCKET: z
    .string()
    .min(1)
    .optional()
    .describe('Bucket of an S3-compatible store that is used instead of FILES_DIR'),
  FILES_S3_ENDPOINT: z
    .url()
    .optional()
    .describe('Its address, e.g. https://s3.example.com; unset: AWS'),
  FILES_S3_REGION: z.string().min(1).default('us-east-1').describe('Its region'),
  FILES_S3_ACCESS_KEY_ID: secret()
    .optional()
    .describe('Its key; unset: what the AWS SDK finds by itself'),
  FILES_S3_SECRET_ACCESS_KEY: secret().optional().describe('The secret of that key'),
  FILES_S3_PATH_STYLE: z
    .stringbool()
    .default(true)
    .describe('Whether the bucket stands in the path (MinIO) instead of the host (AWS, OSS)'),
});
export type FilesSettings = Readonly<z.output<typeof filesEnv>>;
