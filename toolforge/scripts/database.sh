# Sourced by backup and restore: reads DEPICTS_DATABASE_URL, where the service finds its database.
#
# Sets $database, and $options: a file for MariaDB's programs, so that no password is ever an
# argument, which everybody could read. BACKUPS is the folder, KEEP how many files stay there.

set -euo pipefail
umask 077

BACKUPS=${BACKUPS:-${TOOL_DATA_DIR:-$HOME}/backups}
KEEP=${KEEP:-14}

fail() {
  echo "error: $*" >&2
  exit 2
}

# percent-encoded, as an address has it
decoded() {
  printf '%b' "${1//%/\\x}"
}

# in quotes, as an options file has it
quoted() {
  local text=${1//\\/\\\\}
  printf '"%s"' "${text//\"/\\\"}"
}

[[ $KEEP =~ ^[1-9][0-9]*$ ]] || fail "KEEP must be a number of files, not '$KEEP'"
[[ -n ${DEPICTS_DATABASE_URL:-} ]] || fail "DEPICTS_DATABASE_URL is not set"
[[ $DEPICTS_DATABASE_URL =~ ^mysql\+pymysql://([^:@/]+):([^:@/]*)@([^:@/]+)(:([0-9]+))?/([^?]+) ]] ||
  fail "DEPICTS_DATABASE_URL is not mysql+pymysql://USER:PASSWORD@HOST/DATABASE"
database=$(decoded "${BASH_REMATCH[6]}")
options=$(mktemp)
trap 'rm -f "$options"' EXIT
# TLS where the server has it, and its certificate not checked, as clients did before 11.4: newer ones
# check it, and refuse a server without TLS, unless they are told
cat >"$options" <<END
[client]
user=$(quoted "$(decoded "${BASH_REMATCH[1]}")")
password=$(quoted "$(decoded "${BASH_REMATCH[2]}")")
host=${BASH_REMATCH[3]}
port=${BASH_REMATCH[5]:-3306}
protocol=tcp
default-character-set=utf8mb4
ssl-verify-server-cert=0
END

sql() {
  mariadb --defaults-file="$options" --batch --skip-column-names "$@"
}

tables() {
  sql "$database" --execute "SHOW FULL TABLES WHERE Table_type = 'BASE TABLE'" | cut -f1
}
