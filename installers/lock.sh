#!/usr/bin/env bash
# lock.sh: write requirements.lock anew: every package of the bundle with its version and hashes, for
# Python 3.11 on Linux, Windows and macOS. Needs uv. Commit the result together with the reason.
set -euo pipefail
cd "$(dirname "$0")"
exec uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
    --custom-compile-command installers/lock.sh --output-file requirements.lock "$@" \
    requirements.in ../pyproject.toml
