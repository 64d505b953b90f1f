import type { FilesSettings } from './files.env';
import { FolderObjectStore } from './folder-object-store.adapter';
import type { ObjectStore } from './object-store.port';
import type * as S3Adapter from './s3-object-store.adapter';

type S3Module = typeof S3Adapter;

/** The store that the environment names. The S3 client is loaded only where it is used: it weighs 15 MB. */
export function openObjectStore(settings: FilesSettings): ObjectStore {
  const { FILES_S3_BUCKET: bucket, FILES_DIR } = settings;
  if (bucket === undefined) return new FolderObjectStore(FILES_DIR);
  const { S3ObjectStore } = require('./s3-object-store.adapter') as S3Module;
  const { FILES_S3_ACCESS_KEY_ID: id, FILES_S3_SECRET_ACCESS_KEY: key } = settings;
  return new S3ObjectStore({
    bucket,
    region: settings.FILES_S3_REGION,
    endpoint: settings.FILES_S3_ENDPOINT,
    credentials: id && key && { accessKeyId: id.reveal(), secretAccessKey: key.reveal() },
    isPathStyle: settings.FILES_S3_PATH_STYLE,
  });
}
