#!/bin/sh
# Dagster reads its settings from DAGSTER_HOME, which lies in the volume. Put this image's there, in one step, since
# several containers start at once; then become the service itself, so that it gets the signals.
set -eu
case "$DAGSTER_HOME" in
"$FASHION_DATA"/*)
    mkdir -p "$DAGSTER_HOME"
    settings=$(mktemp "$DAGSTER_HOME/.dagster.yaml.XXXXXX")
    cat "$(dirname "$0")/dagster.yaml" >"$settings"
    mv -f "$settings" "$DAGSTER_HOME/dagster.yaml"
    ;;
*) ;; # A home elsewhere has settings of its own, as in Dagster's Helm chart.
esac
exec "$@"
