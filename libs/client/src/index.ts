export type { components, operations, paths } from './api.generated';
export { ApiProblemError, UnreachableError } from './client.errors';
export { answered, type CarillonClient, type ClientOptions, createClient } from './create-client';
export { allOf, everyItem } from './every-item';
export { listen, type ListenOptions, type LiveEvent } from './live-events';
