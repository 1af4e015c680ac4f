-- One login a service, in the group that the migrations made. Run by the owner after the migrations; again to change
-- passwords. The passwords come from the environment, so that none is in a process list:
--   psql --set=ON_ERROR_STOP=1 --file deploy/postgres/logins.sql "$OWNER_URL"
\getenv crm_api CRM_API_PASSWORD
\getenv app_api APP_API_PASSWORD
\getenv ingest INGEST_PASSWORD
\getenv worker WORKER_PASSWORD

BEGIN;
SELECT format('CREATE ROLE %I LOGIN NOCREATEDB NOCREATEROLE', login)
FROM unnest(ARRAY['tryzore_crm_api', 'tryzore_app_api', 'tryzore_ingest', 'tryzore_worker']) AS login
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) \gexec

ALTER ROLE tryzore_crm_api PASSWORD :'crm_api';
ALTER ROLE tryzore_app_api PASSWORD :'app_api';
ALTER ROLE tryzore_ingest PASSWORD :'ingest';
ALTER ROLE tryzore_worker PASSWORD :'worker';

GRANT tryzore_api TO tryzore_crm_api, tryzore_app_api;
GRANT tryzore_inbound TO tryzore_ingest;
GRANT tryzore_work TO tryzore_worker;

-- Where CONNECT was taken from PUBLIC.
SELECT format('GRANT CONNECT ON DATABASE %I TO tryzore_api, tryzore_inbound, tryzore_work', current_database()) \gexec
COMMIT;
