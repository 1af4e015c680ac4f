DROP INDEX identity.api_keys_issuer;
ALTER TABLE identity.users DROP COLUMN provider_updated_at;
ALTER TABLE tenancy.invitations DROP COLUMN reviewed_scope;
