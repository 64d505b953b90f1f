import { migrations } from './migrations';

/**
 * The schema this code needs: each migration raises it by one. A migration that older code cannot live with raises
 * `compatible_from` itself.
 */
export const SCHEMA_VERSION = migrations.length;
