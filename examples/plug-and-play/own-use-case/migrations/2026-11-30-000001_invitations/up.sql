CREATE SCHEMA lagoon;
GRANT USAGE ON SCHEMA lagoon TO tryzore_api;

-- tenant_id is first in each key, and row security hides the rows of other tenants whatever a query says.
CREATE TABLE lagoon.invitations (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    event_id uuid NOT NULL,
    invited_by uuid NOT NULL,
    friend text NOT NULL,
    invited_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, event_id) REFERENCES events.events (tenant_id, id)
);
CREATE UNIQUE INDEX invitations_once ON lagoon.invitations (tenant_id, event_id, invited_by, friend);
CALL runtime.protect('lagoon.invitations');
GRANT SELECT, INSERT ON lagoon.invitations TO tryzore_api;
