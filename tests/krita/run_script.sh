#!/usr/bin/env bash
# run_script.sh MODULE: inside the editors' folder, install ExShot as a user would and run main() of
# tests/krita/inside/MODULE.py in Krita without a window.
set -euo pipefail
/opt/exshot/bin/exshot install-plugins --krita >/share/install.log 2>&1
export QT_QPA_PLATFORM=offscreen PYTHONPATH=/exshot/tests/krita/inside
# Its exit status says nothing; the module leaves its results in files.
kritarunner -s "$1" -f main >/share/runner.log 2>&1
