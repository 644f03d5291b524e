#!/bin/sh
# Backs a deployment up into a new folder: Temporal's two databases, Linli's
# database, the attachments and, if named, the keys.
#
#   PGHOST=db PGUSER=postgres PGPASSWORD=... LINLI_BLOBS=/var/lib/linli/blobs deploy/backup.sh FOLDER
#
# Stop every `linli serve` and `linli worker` first: then the databases are of
# one moment and a restore loses nothing. While they run the backup is still
# usable, because of its order: Linli's database is read last, so it is never
# behind Temporal's. What docs/operations.md says of the "later" database holds
# then. Attachments come after the rows that point at them.
#
# PostgreSQL is reached as libpq's variables say, as a role that reads all
# (row security does not apply to it). LINLI_BLOBS=none says that the attachments
# are kept in another way. LINLI_KEYS is the folder of the keys, if they are to
# be in the backup: keys.tar opens account numbers and signs acts, so keep it
# apart from the rest.
set -eu

folder="${1:?usage: backup.sh FOLDER}"
linli="${LINLI_DATABASE:-linli}"
temporal="${TEMPORAL_DATABASE:-temporal}"
visibility="${TEMPORAL_VISIBILITY_DATABASE:-temporal_visibility}"

if [ -z "${LINLI_BLOBS:-}" ]; then
	echo "请用 LINLI_BLOBS 指定附件目录，不备份附件时写 none / LINLI_BLOBS must name the folder of the attachments, or say none" >&2
	exit 1
fi
if [ -e "$folder" ] && [ -n "$(ls -A "$folder")" ]; then
	echo "备份目录不为空 / the folder is not empty: $folder" >&2
	exit 1
fi
umask 077
mkdir -p "$folder"

# dump FILE DATABASE: one snapshot each
dump() {
	echo "备份数据库 / dumping $2" >&2
	pg_dump --format=custom --dbname="$2" --file="$folder/$1.partial"
	mv "$folder/$1.partial" "$folder/$1"
}

dump temporal.dump "$temporal"
dump temporal_visibility.dump "$visibility"
dump linli.dump "$linli"
if [ "$LINLI_BLOBS" != none ]; then
	echo "备份附件 / packing the attachments in $LINLI_BLOBS" >&2
	# Names in .tmp are uploads that are not finished; no row points at one. Tar's 1
	# says that files came or went meanwhile: those of the dump's rows were whole.
	tar -C "$LINLI_BLOBS" --exclude='*.tmp' -cf "$folder/blobs.tar" . || [ "$?" -eq 1 ]
fi
if [ "${LINLI_KEYS:-none}" != none ]; then
	echo "备份密钥 / packing the keys in $LINLI_KEYS" >&2
	tar -C "$LINLI_KEYS" -cf "$folder/keys.tar" .
fi

# Last: a folder without it is not a whole backup.
(cd "$folder" && sha256sum -- * >.sums && mv .sums SHA256SUMS)
echo "备份完成 / backed up: $folder" >&2
