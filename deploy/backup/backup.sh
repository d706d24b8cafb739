#!/bin/sh
# Backs a shard up: a snapshot of a replica that Tidegate calls fresh, so that the primary does not pay for it; then
# forgets old ones. Needs redis-cli, and redis-check-rdb if there is one. For cron or a CronJob; exit code 0 only if a
# whole snapshot is in place.
#
#   TIDEGATE=127.0.0.1:6390 DIRECTORY=/var/backups/redis deploy/backup/backup.sh
#
#   TIDEGATE         host:port of any listener
#   DIRECTORY        where snapshots go: dump-<time>-epoch<epoch>.rdb
#   KEEP             how many are kept; 14
#   REDISCLI_AUTH    the password, at the listener and at the replica, if there is one
set -eu
umask 077

say() {
    printf 'backup: %s\n' "$*" >&2
}

tidegate=${TIDEGATE:-127.0.0.1:6390}
directory=${DIRECTORY:?where snapshots go}
keep=${KEEP:-14}
case $keep in '' | *[!0-9]* | 0) say "KEEP: '$keep' (expected: a number from 1 on)" && exit 2 ;; esac
mkdir -p "$directory"

# primary 10.0.0.1:6379 epoch 3 writes open
# replica 10.0.0.2:6379 eligible as-of 400.0 ms ago
topology=$(redis-cli -h "${tidegate%:*}" -p "${tidegate##*:}" PROXY TOPOLOGY)
epoch=$(printf '%s\n' "$topology" | sed -n 's/^primary .* epoch \([0-9-]*\) .*/\1/p')
replica=$(printf '%s\n' "$topology" | sed -n 's/^replica \([^ ]*\) eligible .*/\1/p' | head -n 1)
if [ -z "$replica" ]; then
    say "no replica is fresh:" && printf '%s\n' "$topology" >&2
    exit 1
fi

name=dump-$(date -u +%Y%m%dT%H%M%SZ)-epoch$epoch.rdb
fresh=$directory/.$name.part
trap 'rm -f "$fresh"' EXIT
# The replica forks (BGSAVE) and sends what it has written, as it would to a replica of its own.
redis-cli -h "${replica%:*}" -p "${replica##*:}" --rdb "$fresh" >&2
if command -v redis-check-rdb >/dev/null; then
    redis-check-rdb "$fresh" >/dev/null
fi
[ "$(head -c 5 "$fresh")" = REDIS ] || { say "$fresh is no snapshot" && exit 1; }
sync "$fresh"
mv "$fresh" "$directory/$name"
say "$directory/$name of replica $replica, $(wc -c <"$directory/$name") bytes"

# Names sort by time. Only after a new one is in place.
find "$directory" -maxdepth 1 -name 'dump-*.rdb' | sort -r | tail -n "+$((keep + 1))" | while IFS= read -r old; do
    rm -f "$old"
    say "forgot $old"
done
