/** Learned ceilings and stops. */
export const sendingTables = `
-- Calls per second that an app was seen to be allowed, below what is configured. Path '*': all paths together.
CREATE TABLE send_ceiling (
  tenant_id uuid NOT NULL,
  channel_id uuid NOT NULL,
  path text NOT NULL,
  ceiling numeric NOT NULL CHECK (ceiling > 0),
  learned_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (channel_id, path),
  FOREIGN KEY (tenant_id, channel_id) REFERENCES channel (tenant_id, id)
);

-- An egress address of the installation that the platform has banned for a while. Belongs to no tenant.
CREATE TABLE egress_stop (
  egress text PRIMARY KEY,
  until timestamptz NOT NULL
);
`;
