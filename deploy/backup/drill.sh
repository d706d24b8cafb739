#!/bin/sh
# A restore drill: starts a server of its own from the newest snapshot, asks what is in it, and ends it. What was never
# restored is no backup: run it as often as the backup, on the machine that keeps them. Needs redis-server and redis-cli.
#
#   DIRECTORY=/var/backups/redis KEYS_MIN=1000 HOURS_MAX=26 deploy/backup/drill.sh [a-snapshot.rdb]
#
#   KEYS_MIN     fewer keys in all databases are a failure; 1
#   HOURS_MAX    an older snapshot is a failure; 26
set -eu

say() {
    printf 'drill: %s\n' "$*" >&2
}

snapshot=${1:-$(find "${DIRECTORY:?where snapshots are}" -maxdepth 1 -name 'dump-*.rdb' | sort -r | head -n 1)}
[ -f "$snapshot" ] || { say "no snapshot" && exit 1; }
if [ -z "$(find "$snapshot" -mmin "-$((${HOURS_MAX:-26} * 60))")" ]; then
    say "$snapshot is older than ${HOURS_MAX:-26} hours"
    exit 1
fi

place=$(mktemp -d)
server=
trap '[ -z "$server" ] || { kill "$server" 2>/dev/null; wait "$server" || :; }; rm -rf "$place"' EXIT
cp "$snapshot" "$place/dump.rdb"
# Reached by nobody: on a socket in a folder of its own.
redis-server --port 0 --unixsocket "$place/socket" --dir "$place" --save '' --appendonly no >"$place/log" 2>&1 &
server=$!
ask() {
    redis-cli -s "$place/socket" "$@"
}
tries=0
until [ "$(ask PING 2>/dev/null)" = PONG ]; do
    tries=$((tries + 1))
    if [ "$tries" -gt 3000 ] || ! kill -0 "$server" 2>/dev/null; then
        say "it does not load:" && tail -n 5 "$place/log" >&2
        exit 1
    fi
    sleep 0.1
done
keys=$(ask INFO keyspace | sed -n 's/^db[0-9]*:keys=\([0-9]*\).*/\1/p' | awk '{ sum += $1 } END { print sum + 0 }')
say "$snapshot: $keys keys, $(ask INFO memory | sed -n 's/^used_memory_human:\([^[:cntrl:]]*\).*/\1/p') of memory"
[ "$keys" -ge "${KEYS_MIN:-1}" ] || { say "fewer than ${KEYS_MIN:-1} keys" && exit 1; }
