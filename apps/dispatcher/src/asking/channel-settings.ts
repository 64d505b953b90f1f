import {
  type AccessRules,
  accessRules,
  type ServiceSettings,
  serviceSettings,
} from '@common/domain';

/** What stands in a channel's columns. Rules that cannot be read let nobody in; the rest has harmless defaults. */
export const settingsOf = (row: {
  readonly access: unknown;
  readonly service: unknown;
}): { readonly access: AccessRules | null; readonly service: ServiceSettings } => ({
  access: accessRules.safeParse(row.access).data ?? null,
  service: serviceSettings.safeParse(row.service).data ?? serviceSettings.parse({}),
});
