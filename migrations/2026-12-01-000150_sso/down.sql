DROP TABLE identity.sso_sign_ins;
DROP TABLE identity.sso_domains;
DROP TABLE identity.sso_connections;
DROP TABLE identity.sso_links;
