#!/usr/bin/env bash
# start_krita.sh: inside the editors' folder, install ExShot as a user would and run Krita's window.
# The test's remote plug-in listens at /share/remote; Krita's output goes to /share/krita.log.
set -euo pipefail
/opt/exshot/bin/exshot install-plugins --krita >/share/install.log 2>&1
plugins=$HOME/.local/share/krita/pykrita
cp -r /exshot/tests/krita/remote/* "$plugins"
sed -i 's/^\[python\]$/&\nenable_exshot_remote=true/' "$HOME/.config/kritarc"
cat >>"$HOME/.config/kritarc" <<'END'
[advancedColorSelector]
[theme]
Theme=Krita dark
END
if [[ -n ${CANVAS_RENDERER:-} ]]; then # "none": the canvas that Krita has without OpenGL
    printf '[General]\nOpenGLRenderer=%s\n' "$CANVAS_RENDERER" >>"$HOME/.config/kritadisplayrc"
fi
# No welcome page, no sound, no update check; software drawing.
export KRITA_NO_STYLE_OVERRIDE='' LIBGL_ALWAYS_SOFTWARE=1
status=0
krita --nosplash "$@" >/share/krita.log 2>&1 || status=$?
echo "$status" >/share/status
