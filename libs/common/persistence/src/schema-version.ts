/** The schema this code needs. Raise it with every migration; lower `compatible_from` there only when old code may run. */
export const SCHEMA_VERSION = 1;
