#!/usr/bin/env bash
# Rotates the keys that sign session cookies in a Kubernetes secret, without signing anybody out.
#
# First the new key is announced: it verifies on every server before any server signs with it. Only
# then it signs. Between the two a rolling restart makes sure that every server has read it.
# docs/runbooks/session-keys.md tells when and why.
set -euo pipefail
# Keys pass through variables: whoever traces this script must not trace them.
set +x
umask 077

namespace=default
secret=wildside-session
data_key=session_key
deployment=wildside-server
keep=7
timeout=10m
emergency=no

usage() {
  cat <<'TEXT'
usage: rotate_session_key.sh [options]
  --namespace NAME    (default)
  --secret NAME       the secret with the keys (wildside-session)
  --data-key NAME     the entry in it, one key a line (session_key)
  --deployment NAME   the servers that mount it (wildside-server)
  --keep N            keys that stay; cookies of dropped ones end (7: half a year, rotated monthly)
  --timeout DURATION  for each of the two rollouts (10m)
  --emergency         a key has leaked: drop all keys at once; everybody is signed out
TEXT
}

wrong_usage() {
  echo "rotate_session_key: $1" >&2
  usage >&2
  exit 2
}

while [ $# -gt 0 ]; do
  case "$1" in
    --namespace | --secret | --data-key | --deployment | --keep | --timeout)
      [ $# -ge 2 ] || wrong_usage "$1 needs a value"
      name=${1#--}
      printf -v "${name//-/_}" '%s' "$2"
      shift 2
      ;;
    --emergency)
      emergency=yes
      shift
      ;;
    -h | --help)
      usage
      exit 0
      ;;
    *) wrong_usage "there is no option $1" ;;
  esac
done
[[ "$keep" =~ ^[1-9][0-9]*$ ]] || wrong_usage "--keep must be a number from 1"
# A key's name goes into a path of JSON: nothing in it may mean something there.
[[ "$data_key" =~ ^[A-Za-z0-9_-]+$ ]] || wrong_usage "--data-key has letters, digits, _ and -"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

say() { echo "rotate_session_key: $*" >&2; }

fail() {
  say "$*"
  exit 1
}

on_cluster() { kubectl --namespace "$namespace" "$@"; }

fingerprint() { printf '%s' "$1" | sha256sum | cut -c1-16; }

fresh_key() { od -An -v -tx1 -N64 /dev/urandom | tr -d ' \n'; }

# Sets `keys` to the secret's keys, the signing one last, and `version` to the secret's version.
read_keys() {
  local encoded
  version=$(on_cluster get secret "$secret" --output 'jsonpath={.metadata.resourceVersion}') \
    || fail "the secret $secret cannot be read"
  encoded=$(on_cluster get secret "$secret" --output "jsonpath={.data.$data_key}") \
    || fail "the secret $secret cannot be read"
  mapfile -t keys < <(printf '%s' "$encoded" | base64 --decode | grep -v '^[[:space:]]*$' || true)
  [ ${#keys[@]} -gt 0 ] || fail "the secret $secret has no keys under $data_key"
}

# Makes its arguments the secret's keys, unless somebody changed the secret since it was read.
write_keys() {
  local encoded
  encoded=$(printf '%s\n' "$@" | base64 | tr -d '\n')
  # By a file: arguments can be read by anybody on this machine.
  printf '{"metadata":{"resourceVersion":"%s"},"data":{"%s":"%s"}}\n' \
    "$version" "$data_key" "$encoded" >"$scratch/patch.json"
  on_cluster patch secret "$secret" --type merge --patch-file "$scratch/patch.json" >&2 \
    || fail "the secret was not changed: somebody else may be rotating it"
  rm -f "$scratch/patch.json"
}

roll_out() {
  on_cluster rollout restart "deployment/$deployment" >&2 || return 1
  on_cluster rollout status "deployment/$deployment" --timeout "$timeout" >&2
}

new=$(fresh_key)
[ ${#new} -eq 128 ] || fail "no random key could be made"
name=$(fingerprint "$new")
read_keys

if [ "$emergency" = yes ]; then
  write_keys "$new"
  roll_out || fail "key $name is in the secret, but servers still use the leaked one: roll out again"
  say "key $name alone is in use; everybody is signed out"
  exit 0
fi

last=$((${#keys[@]} - 1))
signing=${keys[$last]}
say "key $(fingerprint "$signing") signs, ${#keys[@]} verify"

write_keys "${keys[@]:0:$last}" "$new" "$signing"
say "key $name is announced"
roll_out || fail "not every server has read key $name, so nothing signs with it; it does no harm. Run again"

read_keys
kept=()
for key in "${keys[@]}"; do
  [ "$key" = "$new" ] || kept+=("$key")
done
[ ${#kept[@]} -lt ${#keys[@]} ] || fail "key $name has gone from the secret meanwhile"
kept+=("$new")
surplus=$((${#kept[@]} - keep))
[ "$surplus" -gt 0 ] || surplus=0
write_keys "${kept[@]:$surplus}"
roll_out || fail "key $name signs on some servers and verifies on all: nobody is signed out. Roll out again"
say "key $name signs; ${#kept[@]} known, $surplus dropped"
