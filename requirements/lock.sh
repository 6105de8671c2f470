#!/bin/sh
# Renews the locks from pyproject.toml, in the checkout's folder. Needs pip-tools; takes minutes.
set -eu
lock() { # OUTPUT OPTION...
  output=$1
  shift
  pip-compile --quiet --all-build-deps --allow-unsafe --generate-hashes --strip-extras \
    --no-emit-index-url --no-emit-options --no-header --annotation-style line \
    --output-file "$output" "$@" pyproject.toml
}
lock requirements.lock --extra dev
for file in requirements/*.lock; do
  lock "$file" --extra "$(basename "$file" .lock)" --constraint requirements.lock
done
