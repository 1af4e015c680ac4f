#!/bin/sh
# Makes the owner of the schema and its database. Run once, by a superuser of a Postgres of one's own (the official
# image runs it when the data folder is new). A managed Postgres hands out an owner instead.
set -eu
psql --set=ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv password OWNER_PASSWORD
CREATE ROLE tryzore_owner LOGIN NOSUPERUSER NOBYPASSRLS CREATEROLE PASSWORD :'password';
CREATE DATABASE tryzore OWNER tryzore_owner;
REVOKE CONNECT, TEMPORARY ON DATABASE tryzore FROM PUBLIC;
SQL
