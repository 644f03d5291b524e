#!/bin/sh
# Registers the namespace unless it is there. TEMPORAL_ADDRESS and
# TEMPORAL_NAMESPACE are read by the tool itself.
set -eu

tries=0
until temporal operator cluster health; do
	tries=$((tries + 1))
	[ "$tries" -lt 30 ] || { echo 'Temporal does not answer.' >&2; exit 1; }
	sleep 2
done

if temporal operator namespace describe --namespace "$TEMPORAL_NAMESPACE" >/dev/null 2>&1; then
	echo "Namespace $TEMPORAL_NAMESPACE is there."
	exit 0
fi
temporal operator namespace create --namespace "$TEMPORAL_NAMESPACE" --retention "$RETENTION" --description 'Linli 邻里'
