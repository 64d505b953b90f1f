import type { FactoryProvider } from '@nestjs/common';

import { ObjectStore, openObjectStore } from '@common/files';

import { GeneratorConfig } from '../generator.config';

export const objectStore: FactoryProvider<ObjectStore> = {
  provide: ObjectStore,
  inject: [GeneratorConfig],
  useFactory: (config: GeneratorConfig) => openObjectStore(config),
};
