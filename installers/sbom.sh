#!/usr/bin/env bash
# sbom.sh OUT.json: the software bill of materials (CycloneDX) of what the bundle is built from.
set -euo pipefail
out=$(realpath -m "${1:?usage: sbom.sh OUT.json}")
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${PYTHON:-python3}" -m venv "$work/tool"
"$work/tool/bin/pip" install --quiet cyclonedx-bom==7.5.0
mkdir -p "$(dirname "$out")"
"$work/tool/bin/cyclonedx-py" requirements --pyproject ../pyproject.toml --mc-type application \
    --output-reproducible --of JSON --output-file "$out" requirements.lock
