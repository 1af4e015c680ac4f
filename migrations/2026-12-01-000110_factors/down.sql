DROP TABLE identity.factor_policies;
ALTER TABLE identity.sessions DROP COLUMN factor_method, DROP COLUMN factor_at;
DROP TABLE identity.login_challenges;
DROP TABLE identity.recovery_codes;
DROP TABLE identity.factors;
