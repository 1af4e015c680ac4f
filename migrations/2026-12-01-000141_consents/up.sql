-- AUT-18. The consent ledger: append-only by privilege. `position` orders the answers of a client, whose row is
-- locked while one is added. No location: all of them.
CREATE TABLE crm.consents (
    tenant_id uuid NOT NULL,
    id uuid NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    client_id uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('marketing', 'reminders', 'photos', 'data_processing', 'health_data')),
    channel text NOT NULL CHECK (channel IN ('email', 'sms', 'push', 'phone', 'any')),
    organization_id uuid,
    text_version integer CHECK (text_version >= 1),
    is_given boolean NOT NULL,
    source text NOT NULL CHECK (source IN ('app', 'staff', 'form', 'import')),
    proof jsonb NOT NULL,
    at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, client_id) REFERENCES crm.clients (tenant_id, id),
    FOREIGN KEY (tenant_id, organization_id) REFERENCES tenancy.organizations (tenant_id, id)
);
CREATE INDEX consents_client ON crm.consents (tenant_id, client_id, position DESC);
CALL runtime.protect('crm.consents');
GRANT SELECT, INSERT ON crm.consents TO tryzore_api, tryzore_work;

-- What the profiles of clients say so far. When it was said is not known: the client's last change is the latest
-- that it can have been.
INSERT INTO crm.consents (tenant_id, id, client_id, purpose, channel, is_given, source, proof, at)
SELECT c.tenant_id, gen_random_uuid(), c.id, 'marketing', 'any', c.marketing_consent, 'import',
       '{"note": "From the profile, before there was a ledger."}', c.updated_at
FROM crm.clients c WHERE c.marketing_consent IS NOT NULL;

-- The texts that clients agree to, each version once.
CREATE TABLE crm.consent_texts (
    tenant_id uuid NOT NULL,
    purpose text NOT NULL CHECK (purpose IN ('marketing', 'reminders', 'photos', 'data_processing', 'health_data')),
    version integer NOT NULL CHECK (version >= 1),
    text text NOT NULL CHECK (length(text) BETWEEN 1 AND 10000),
    created_by uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, purpose, version)
);
CALL runtime.protect('crm.consent_texts');
GRANT SELECT, INSERT ON crm.consent_texts TO tryzore_api;
GRANT SELECT ON crm.consent_texts TO tryzore_work;
