DROP TABLE support.override_steps;
DROP TABLE support.manual_overrides;
DROP SCHEMA support;
