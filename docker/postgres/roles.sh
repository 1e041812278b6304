#!/bin/sh
# Runs once, on an empty data volume: the two roles and the database of the owner's.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d postgres \
  -v owner_password="$CSOM_OWNER_PASSWORD" -v app_password="$CSOM_APP_PASSWORD" <<'SQL'
create role csom_owner login nosuperuser nobypassrls createdb password :'owner_password';
create role csom_app login nosuperuser nobypassrls nocreatedb password :'app_password';
alter role csom_owner set lock_timeout = '5s';
alter role csom_app set statement_timeout = '30s';
alter role csom_app set lock_timeout = '5s';
alter role csom_app set idle_in_transaction_session_timeout = '60s';
create database csom owner csom_owner;
revoke connect, temporary on database csom from public;
grant connect, temporary on database csom to csom_app;
SQL
