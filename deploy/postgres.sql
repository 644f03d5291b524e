-- Run once, by the database server's first start, as its administrator: three
-- databases under two roles that cannot see each other's.
--
-- linli_owner owns Linli's database and may create roles: `linli migrate` makes
-- the schema and the roles linli_api and linli_worker. It is no administrator,
-- and from PostgreSQL 16 on it can change no role it has not made.
--
-- The passwords stand in the files owner_password and temporal_password, where
-- Docker shows them or in the folder that LINLI_SECRETS names:
--
--   LINLI_SECRETS=/etc/linli/secrets psql --host=db --username=postgres --file=deploy/postgres.sql

\set ON_ERROR_STOP on
\set owner_password `cat "${LINLI_SECRETS:-/run/secrets}/owner_password"`
\set temporal_password `cat "${LINLI_SECRETS:-/run/secrets}/temporal_password"`

SELECT :'owner_password' = '' OR :'temporal_password' = '' AS lacking \gset
\if :lacking
DO $$ BEGIN RAISE EXCEPTION '缺少口令文件 owner_password 或 temporal_password，请用 LINLI_SECRETS 指定所在目录 / owner_password or temporal_password is missing or empty: LINLI_SECRETS must name their folder'; END $$;
\endif

CREATE ROLE linli_owner LOGIN CREATEROLE NOSUPERUSER PASSWORD :'owner_password';
CREATE ROLE temporal LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD :'temporal_password';

CREATE DATABASE linli OWNER linli_owner;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;

REVOKE ALL ON DATABASE linli FROM PUBLIC;
REVOKE ALL ON DATABASE temporal FROM PUBLIC;
REVOKE ALL ON DATABASE temporal_visibility FROM PUBLIC;
