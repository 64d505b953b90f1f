import { Injectable } from '@nestjs/common';

import { type GenerationJob, generationQueue } from '@common/contracts';
import { JobConsumer } from '@common/queue';

import { GeneratorConfig } from '../generator.config';
import { GenerationPipeline } from './generation.pipeline';

/** Hangs the generation pipeline on its queue. Nothing is decided here. */
@Injectable()
export class GenerationConsumer extends JobConsumer<GenerationJob> {
  readonly queue = generationQueue;
  readonly concurrency: number;

  constructor(
    config: GeneratorConfig,
    private readonly pipeline: GenerationPipeline,
  ) {
    super();
    this.concurrency = config.GENERATOR_CONCURRENCY;
  }

  protected handle(job: GenerationJob): Promise<void> {
    return this.pipeline.run(job);
  }
}
