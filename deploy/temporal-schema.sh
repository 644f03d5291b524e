#!/bin/sh
# Brings Temporal's two databases to the version of these tools. Repeating it
# changes nothing. The databases themselves exist: postgres.sql made them.
set -eu

SQL_PASSWORD="$(cat /run/secrets/temporal_password)"
export SQL_PASSWORD

upgrade() {
	temporal-sql-tool --database "$1" setup-schema --version 0.0
	temporal-sql-tool --database "$1" update-schema --schema-name "$2"
}

upgrade temporal postgresql/v12/temporal
upgrade temporal_visibility postgresql/v12/visibility
