#!/usr/bin/env bash
# What the walkthroughs share: people's sessions, requests with a key, acts on
# tasks. It is sourced, not run; README.md quotes the part between the lines
# "# --- tools" and "# --- end".
LINLI=${LINLI:-http://127.0.0.1:8080}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run=$(date +%s)-$$

# --- tools
# call WHO METHOD PATH [JSON]: one request in that person's session. A write
# carries a key; 202 or 409 "being processed" means: ask again with the same key.
call() {
	local key status
	key=walk-$run-$(date +%N)
	for _ in $(seq 60); do
		status=$(curl -sS -o "$work/answer" -w '%{http_code}' -b "$work/$1" -X "$2" \
			-H 'X-Linli-Page: walkthrough' -H "Idempotency-Key: $key" \
			${4:+-H 'Content-Type: application/json' --data "$4"} "$LINLI$3")
		case $status in
		200 | 201) cat "$work/answer" && return ;;
		202) sleep 1 ;;
		409) grep -q '"field":"Idempotency-Key"' "$work/answer" || break && sleep 1 ;;
		*) break ;;
		esac
	done
	echo "$1 $2 $3: $status $(cat "$work/answer")" >&2
	return 1
}

# login WHO: the session cookie stays in a file of that name.
login() {
	curl -sSf -o /dev/null -c "$work/$1" -H 'Content-Type: application/json' \
		-d "{\"username\":\"$1\",\"password\":\"Linli-demo-2026\"}" "$LINLI/v1/login"
}

# pick NAME: the first value of that name in the JSON on standard input.
pick() { grep -o "\"$1\":\(\"[^\"]*\"\|[0-9-]*\)" | sed -n '1{s/^"[^"]*"://;s/"//g;p}'; }

# act WHO TASK ACTION [COMMENT] [FORM]: wait until the task is open, then act on
# exactly the content it shows: the hash says so.
act() {
	local task hash=
	for _ in $(seq 150); do
		task=$(curl -sS -b "$work/$1" "$LINLI/v1/tasks/$2")
		[[ $task == *'"status":"open"'* ]] && hash=$(pick content_hash <<<"$task") && break
		sleep 0.2
	done
	call "$1" POST "/v1/tasks/$2/acts" \
		"{\"action\":\"$3\",\"content_hash\":\"$hash\",\"comment\":\"${4:-}\",\"form\":${5:-{\}}}" >"$work/receipt"
	echo "  step $(pick seq <"$work/receipt"): $1 $3 (${2#*.})"
}
# --- end

step() { printf '\n%s\n' "$*"; }

# upload WHO KIND: a sample paper of the community; prints its id.
upload() {
	printf '示例材料，仅供演示。\nSample paper for demonstration only: %s %s\n' "$2" "$run" >"$work/$2.txt"
	curl -sSf -b "$work/$1" -H 'X-Linli-Page: walkthrough' -H "Idempotency-Key: walk-$run-$(date +%N)" \
		-F "scope=$community" -F "file=@$work/$2.txt" "$LINLI/v1/attachments" | pick id
}
