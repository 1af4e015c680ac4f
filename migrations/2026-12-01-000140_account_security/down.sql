DROP TABLE identity.security_settings;
DROP TABLE identity.devices;
DROP TABLE identity.auth_events;
