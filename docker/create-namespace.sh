#!/bin/sh
# Waits for the server, then makes the namespace with its retention and Firn's search attributes. Can run again at any time.
set -eu

: "${TEMPORAL_ADDRESS:?host:port of the server}"
: "${NAMESPACE:?the name of the namespace}"
: "${RETENTION:?how long finished runs are kept, for example 720h}"

attempts=0
try() {
  until "$@"; do
    attempts=$((attempts + 1))
    if [ "$attempts" -ge 60 ]; then
      echo "gave up: $*" >&2
      exit 1
    fi
    sleep 2
  done
}

make_namespace() {
  if temporal operator namespace describe --namespace "$NAMESPACE" >/dev/null 2>&1; then
    temporal operator namespace update --namespace "$NAMESPACE" --retention "$RETENTION"
  else
    temporal operator namespace create --namespace "$NAMESPACE" --retention "$RETENTION"
  fi
}

make_attribute() {
  if temporal operator search-attribute list --namespace "$NAMESPACE" | grep -q "^ *$1 "; then
    return 0
  fi
  temporal operator search-attribute create --namespace "$NAMESPACE" --name "$1" --type "$2"
}

try temporal operator cluster health
try make_namespace
try make_attribute FirnOutcome Keyword
try make_attribute FirnWaitingFor KeywordList
try make_attribute FirnVersion Keyword
try make_attribute FirnOwner Keyword
try make_attribute FirnEndsBy Datetime
echo "namespace $NAMESPACE is ready: runs are kept for $RETENTION"
