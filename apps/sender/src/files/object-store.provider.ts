import type { FactoryProvider } from '@nestjs/common';

import { ObjectStore, openObjectStore } from '@common/files';

import { SenderConfig } from '../sender.config';

export const objectStore: FactoryProvider<ObjectStore> = {
  provide: ObjectStore,
  inject: [SenderConfig],
  useFactory: (config: SenderConfig) => openObjectStore(config),
};
