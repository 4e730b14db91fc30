#!/usr/bin/env bash
# start.sh console|window: inside the folder, install ExShot as a user does and start GIMP.
set -euo pipefail
export EXSHOT_LOG=/share/engine.log
version=$(gimp --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+' | head -n 1)
profile=$HOME/.config/GIMP/${version%.*}
mkdir -p "$profile"
# No welcome dialog, no question about updates. An unknown key here would drop the whole file.
printf '%s\n' '(show-welcome-dialog no)' "(config-version \"$version\")" '(check-updates no)' \
    >"$profile/gimprc"
/opt/exshot/bin/exshot install-plugins --gimp
serve='exec(open("/exshot/tests/gimp/inside/serve.py").read())'
if [[ $1 == console ]]; then
    exec gimp-console --no-interface --no-data --no-fonts \
        --batch-interpreter=python-fu-eval --batch="$serve" --quit
fi
exec gimp --no-splash --batch-interpreter=python-fu-eval --batch="$serve"
