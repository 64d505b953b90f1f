import type { FactoryProvider } from '@nestjs/common';

import { ObjectStore, openObjectStore } from '@common/files';

import { DispatcherConfig } from '../dispatcher.config';

export const objectStore: FactoryProvider<ObjectStore> = {
  provide: ObjectStore,
  inject: [DispatcherConfig],
  useFactory: (config: DispatcherConfig) => openObjectStore(config),
};
