export { filesEnv, type FilesSettings } from './files.env';
export { FolderObjectStore } from './folder-object-store.adapter';
export { answerFileKey, objectKey, sentFileKey } from './object-key';
export { openObjectStore } from './open-object-store';
export {
  ObjectMissingError,
  ObjectStore,
  ObjectStoreUnavailableError,
  ObjectTooLargeError,
  type StoredObject,
} from './object-store.port';
