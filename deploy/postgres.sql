-- Run once, by the database server's first start, as its administrator: three
-- databases under two roles that cannot see each other's.
--
-- linli_owner owns Linli's database and may create roles: `linli migrate` makes
-- the schema and the roles linli_api and linli_worker. It is no administrator,
-- and from PostgreSQL 16 on it can change no role it has not made.

\set owner_password `cat /run/secrets/owner_password`
\set temporal_password `cat /run/secrets/temporal_password`

CREATE ROLE linli_owner LOGIN CREATEROLE NOSUPERUSER PASSWORD :'owner_password';
CREATE ROLE temporal LOGIN NOSUPERUSER NOCREATEROLE NOCREATEDB PASSWORD :'temporal_password';

CREATE DATABASE linli OWNER linli_owner;
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;

REVOKE ALL ON DATABASE linli FROM PUBLIC;
REVOKE ALL ON DATABASE temporal FROM PUBLIC;
REVOKE ALL ON DATABASE temporal_visibility FROM PUBLIC;
