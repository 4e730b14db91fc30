#!/usr/bin/env bash
# with_screen.sh COMMAND...: inside the folder, run COMMAND with an X server, a window manager and a
# session bus. Without a window manager, GIMP's dialogs never take effect.
set -euo pipefail
Xvfb :9 -screen 0 "${SCREEN:-1400x900x24}" -nolisten tcp >/tmp/xvfb.log 2>&1 &
for _ in $(seq 100); do
    [[ -e /tmp/.X11-unix/X9 ]] && break
    sleep 0.1
done
export DISPLAY=:9 NO_AT_BRIDGE=1 LIBGL_ALWAYS_SOFTWARE=1
openbox >/tmp/openbox.log 2>&1 &
status=0
dbus-run-session -- "$@" || status=$?
exit "$status"
