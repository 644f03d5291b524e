#!/bin/sh
# Restores what backup.sh wrote into an empty PostgreSQL.
#
#   PGHOST=db PGUSER=postgres PGPASSWORD=... LINLI_BLOBS=/var/lib/linli/blobs deploy/restore.sh FOLDER
#
# Before: the roles linli_owner and temporal and their three empty databases,
# as deploy/postgres.sql makes them; nothing of Linli or Temporal runs yet.
# After: `linli migrate`, which gives linli_api and linli_worker their
# passwords, then Temporal, `linli worker`, `linli serve`.
#
# Where the backup holds attachments or keys, LINLI_BLOBS and LINLI_KEYS say where
# they go; none leaves them out.
#
# It checks every file first, refuses a database that holds anything, and stops
# at the first fault: drop what it made and start again, nothing is lost.
set -eu

folder="${1:?usage: restore.sh FOLDER}"
linli="${LINLI_DATABASE:-linli}"
temporal="${TEMPORAL_DATABASE:-temporal}"
visibility="${TEMPORAL_VISIBILITY_DATABASE:-temporal_visibility}"
owner="${LINLI_OWNER:-linli_owner}"

fail() {
	echo "$1" >&2
	exit 1
}

sql() { psql --no-psqlrc --quiet --tuples-only --no-align --set=ON_ERROR_STOP=1 --dbname="$1" --command="$2"; }

[ -f "$folder/SHA256SUMS" ] || fail "备份不完整 / not a whole backup: $folder has no SHA256SUMS"
(cd "$folder" && sha256sum --check --quiet SHA256SUMS) || fail "备份文件已损坏 / the backup is damaged: $folder"

# place NAME VALUE FILE: what the backup holds has a place, what has a place is there
place() {
	if [ -z "$2" ] && [ -f "$folder/$3" ]; then
		fail "备份中有 $3，请用 $1 指定恢复到哪个目录，不恢复时写 none / the backup holds $3: $1 must name the folder it goes to, or say none"
	fi
	[ -n "$2" ] && [ "$2" != none ] || return 0
	[ -f "$folder/$3" ] || fail "指定了 $1，但备份中没有 $3 / $1 is set, yet the backup holds no $3"
	# Folders may be there: a volume is mounted on one.
	[ ! -d "$2" ] || [ -z "$(find "$2" ! -type d | head -n 1)" ] || fail "目录不为空 / the folder is not empty: $2"
}
place LINLI_BLOBS "${LINLI_BLOBS:-}" blobs.tar
place LINLI_KEYS "${LINLI_KEYS:-}" keys.tar

for database in "$linli" "$temporal" "$visibility"; do
	tables="$(sql "$database" "SELECT count(*) FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')")" ||
		fail "没有数据库 / there is no database $database: run deploy/postgres.sql first"
	[ "$tables" = 0 ] || fail "数据库不为空 / the database $database is not empty"
done

# Made by the owner, so that `linli migrate` may change their passwords later.
for role in linli_api linli_worker; do
	if [ "$(sql "$linli" "SELECT count(*) FROM pg_roles WHERE rolname = '$role'")" = 0 ]; then
		sql "$linli" "SET ROLE $owner; CREATE ROLE $role LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
	fi
done

load() {
	echo "恢复数据库 / restoring $2" >&2
	pg_restore --exit-on-error --single-transaction --dbname="$2" "$folder/$1"
}

load temporal.dump "$temporal"
load temporal_visibility.dump "$visibility"
load linli.dump "$linli"

# unpack FILE FOLDER
unpack() {
	[ "${2:-none}" != none ] || return 0
	echo "恢复文件 / unpacking $2" >&2
	mkdir -p "$2"
	tar -C "$2" -xpf "$folder/$1"
}

unpack blobs.tar "${LINLI_BLOBS:-}"
unpack keys.tar "${LINLI_KEYS:-}"
echo "恢复完成，接下来运行 linli migrate / restored; linli migrate comes next" >&2
