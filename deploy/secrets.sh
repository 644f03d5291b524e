#!/bin/sh
# Writes the secrets of docker-compose.yml into deploy/secrets; those that are
# there are kept. The folder is closed to other users of this machine; the
# files are readable by all because Compose mounts them as they are into
# containers with users of their own.
set -eu

folder="${1:-$(dirname "$0")/secrets}"
mkdir -p "$folder"
chmod 0700 "$folder"

random() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# keep NAME VALUE
keep() {
	[ -s "$folder/$1" ] && return
	(umask 0333 && printf '%s\n' "$2" >"$folder/$1.new")
	mv "$folder/$1.new" "$folder/$1"
}

# address ROLE PASSWORD: within the compose network, which is internal
address() { echo "postgres://$1:$2@postgres:5432/linli?sslmode=disable"; }

keep postgres_password "$(random 24)"
keep owner_password "$(random 24)"
keep temporal_password "$(random 24)"
keep owner_database_url "$(address linli_owner "$(cat "$folder/owner_password")")"
keep api_database_url "$(address linli_api "$(random 24)")"
keep worker_database_url "$(address linli_worker "$(random 24)")"
keep admin_password "Linli-$(random 10)"
keep bank_token "$(random 24)"

echo "秘密文件 / secrets: $folder"
echo "首位管理员 / first administrator: admin, $folder/admin_password"
