#!/bin/sh
# Installs ExShot @VERSION@ for one user: no root, no network. The bundle follows this script's last
# line as a compressed archive, whose checksum is compared before anything is written. See --help.
set -u
umask 022
VERSION='@VERSION@'
ARCHITECTURE='@ARCHITECTURE@'
HEADER_BYTES=@HEADER_BYTES@
PAYLOAD_SHA256='@PAYLOAD_SHA256@'
UNPACKED_KB=@UNPACKED_KB@

usage() {
    cat <<END
ExShot $VERSION installer

usage: sh $(basename "$0") [--accept] [--prefix DIR] [--no-plugins] [--sandboxed] [--check]

  --accept       ask nothing
  --prefix DIR   install below DIR instead of ~/.local: DIR/lib/exshot, DIR/bin/exshot
  --no-plugins   only the exshot command, no GIMP or Krita plug-ins
  --sandboxed    also put the plug-ins into Flatpaks and Snaps
  --check        only compare the download's checksum
END
}

say() { printf '%s\n' "$*"; }
fail() { # SENTENCE [HINT]
    say "ExShot was not installed: $1" >&2
    [ $# -lt 2 ] || say "  $2" >&2
    exit 1
}

# Undoes what an unfinished installation did; does nothing after a finished one. $1 is its stage: a
# folder with `made` (each line a file or folder that was created outside of it), `prefix`, the
# replaced bundle `old`, the marks `swapped` and `done`, and `plugins` with the number of the process
# that puts them into place.
# shellcheck disable=SC2016 # runs as a script of its own
ROLLBACK='
stage=$1
[ -d "$stage" ] || exit 0
prefix=$(cat "$stage/prefix")
if [ ! -e "$stage/done" ]; then
    target=$prefix/lib/exshot
    worker=$(cat "$stage/plugins" 2>/dev/null)
    if [ -n "$worker" ]; then # it would go on installing behind our back
        kill -9 "$worker" 2>/dev/null
        while grep -qs "^State:[[:space:]][^ZX]" "/proc/$worker/status"; do sleep 0.05; done
    fi
    if [ -e "$stage/swapped" ]; then
        if [ -e "$stage/plugins" ] && [ ! -d "$stage/old" ]; then
            "$target/exshot" uninstall-plugins >/dev/null 2>&1
        fi
        if [ -d "$stage/old" ]; then
            rm -rf "$target" && mv "$stage/old" "$target"
            [ ! -e "$stage/plugins" ] || "$target/exshot" install-plugins >/dev/null 2>&1
        elif [ ! -d "$stage/new/exshot" ]; then
            rm -rf "$target"
        fi
    fi
    made=$(sed "1!G;h;\$!d" "$stage/made" 2>/dev/null)
fi
rm -rf "$stage"
printf "%s\n" "${made:-}" | while IFS= read -r path; do
    [ -n "$path" ] || continue
    if [ -d "$path" ] && [ ! -L "$path" ]; then rmdir "$path" 2>/dev/null; else rm -f "$path"; fi
done
exit 0
'
rollback() { sh -c "$ROLLBACK" rollback "$stage"; }

accept=no prefix=${HOME:-}/.local plugins=yes sandboxed=no check=no
while [ $# -gt 0 ]; do
    case $1 in
        --accept) accept=yes ;;
        --prefix) [ $# -ge 2 ] || fail "--prefix needs a folder."; prefix=$2; shift ;;
        --prefix=*) prefix=${1#--prefix=} ;;
        --no-plugins) plugins=no ;;
        --sandboxed) sandboxed=yes ;;
        --check) check=yes ;;
        --version) say "$VERSION"; exit 0 ;;
        -h | --help) usage; exit 0 ;;
        *) usage >&2; fail "there is no option $1." ;;
    esac
    shift
done
case $0 in */*) self=$0 ;; *) self=$(command -v -- "$0" || printf '%s' "./$0"); [ ! -f "./$0" ] || self=./$0 ;; esac

# --- Is the download whole, and can it run here? ---
[ "$(uname -s)" = Linux ] || fail "this download is for Linux."
[ "$(uname -m)" = "$ARCHITECTURE" ] || fail "this download is for $ARCHITECTURE processors, this computer has $(uname -m)."
for tool in tail sha256sum tar df; do
    command -v "$tool" >/dev/null || fail "the program $tool is missing." "It belongs to every Linux; install coreutils and tar."
done
found=$(tail -c +$((HEADER_BYTES + 1)) "$self" | sha256sum | cut -d ' ' -f 1)
[ "$found" = "$PAYLOAD_SHA256" ] || fail "the download is damaged (its checksum is wrong)." "Download it again."
if [ "$check" = yes ]; then say "The download is whole."; exit 0; fi
if command -v xz >/dev/null; then
    unpack() { xz -dc; }
elif command -v python3 >/dev/null && python3 -c 'import lzma' 2>/dev/null; then
    unpack() { python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.stdin.buffer), sys.stdout.buffer)'; }
else
    fail "the program xz is missing." "Install the package xz-utils (Debian, Ubuntu) or xz (Fedora, Arch)."
fi
if [ -n "${SUDO_USER:-}" ]; then
    fail "it installs for one user and needs no root." "Run it again without sudo."
fi

# --- Ask ---
case $prefix in
    "" | .local | /.local) fail "your home folder is not known (HOME is not set)." "Name a folder with --prefix." ;;
    /*) ;;
    *) prefix=$(pwd)/$prefix ;;
esac
prefix=${prefix%/}
target=$prefix/lib/exshot
previous=
[ ! -x "$target/exshot" ] || previous=$("$target/exshot" --version 2>/dev/null | cut -d ' ' -f 2)
if [ "$accept" = no ]; then
    if [ ! -t 0 ]; then
        if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && [ -z "${EXSHOT_IN_TERMINAL:-}" ]; then # started with a double click
            export EXSHOT_IN_TERMINAL=1
            for terminal in x-terminal-emulator konsole xfce4-terminal xterm; do
                ! command -v "$terminal" >/dev/null || exec "$terminal" -e sh "$self"
            done
            ! command -v gnome-terminal >/dev/null || exec gnome-terminal -- sh "$self"
        fi
        fail "there is no terminal to ask in." "Start it in a terminal, or with --accept to ask nothing."
    fi
    say "ExShot $VERSION fixes the expression in a portrait with pixels from your own other photos."
    say "It is free software under the Apache License 2.0. Nothing leaves this computer."
    say ""
    [ -z "$previous" ] || say "  replaces  ExShot $previous; your settings stay"
    say "  program   $target ($((UNPACKED_KB / 1024)) MB)"
    say "  command   $prefix/bin/exshot"
    [ "$plugins" = no ] || say "  plug-ins  into every GIMP 3 and Krita 5.2 or newer of yours"
    say "  remove    with exshot-uninstall"
    say ""
    printf 'Install it? [Y/n] '
    read -r answer || answer=n
    case $answer in
        "" | [YyJjSs]*) ;;
        *) say "Nothing was changed."; exit 0 ;;
    esac
fi

# --- Is there room? ---
existing=$prefix
while [ ! -e "$existing" ]; do existing=$(dirname "$existing"); done
[ -d "$existing" ] || fail "$existing is not a folder." "Name another folder with --prefix."
if [ ! -w "$existing" ] || { [ -d "$prefix/lib" ] && [ ! -w "$prefix/lib" ]; }; then
    fail "$existing cannot be written to." "Name a folder of yours with --prefix."
fi
free=$(df -Pk "$existing" 2>/dev/null | awk 'NR == 2 { print $4 }')
if [ -n "$free" ] && [ "$free" -lt $((UNPACKED_KB + UNPACKED_KB / 20)) ]; then
    fail "$existing has $((free / 1024)) MB of free space, $((UNPACKED_KB * 21 / 20 / 1024)) MB are needed." "Make room, or name another folder with --prefix."
fi

# --- Unpack beside the place, then swap ---
for stale in "$prefix"/lib/.exshot-stage-*; do # of an installation that lost its power
    [ ! -d "$stale" ] || kill -0 "$(cat "$stale/pid" 2>/dev/null)" 2>/dev/null || sh -c "$ROLLBACK" rollback "$stale"
done
stage=$prefix/lib/.exshot-stage-$$
created= # folders above the stage, which cannot hold their list yet
path=$prefix/lib
while [ ! -d "$path" ]; do created="$path
$created"; path=$(dirname "$path"); done
undo_folders() { printf '%s' "$created" | sed '1!G;h;$!d' | while IFS= read -r path; do rmdir "$path" 2>/dev/null; done; }
mkdir -p "$stage/new" 2>/dev/null || { undo_folders; fail "$prefix cannot be written to." "Name a folder of yours with --prefix."; }
printf '%s' "$created" >"$stage/made"
printf '%s\n' "$prefix" >"$stage/prefix"
printf '%s\n' $$ >"$stage/pid"

failed() { # SENTENCE [HINT]
    trap - HUP INT TERM
    rollback
    fail "$@"
}
trap 'say "" >&2; failed "it was interrupted; everything is as it was before."' HUP INT TERM
# Undoes everything even if this shell is killed on the spot.
if command -v setsid >/dev/null; then launch=setsid; else launch=; fi
# shellcheck disable=SC2016 # runs as a script of its own
$launch sh -c 'trap "" HUP INT TERM; while kill -0 "$1" 2>/dev/null; do sleep 0.2; done; exec sh -c "$2" rollback "$3"' \
    guard $$ "$ROLLBACK" "$stage" </dev/null >/dev/null 2>&1 &

say "Unpacking ExShot $VERSION ..."
tail -c +$((HEADER_BYTES + 1)) "$self" | unpack | tar -x -f - -C "$stage/new" --no-same-owner 2>"$stage/tar.log" ||
    failed "unpacking failed ($(tail -n 1 "$stage/tar.log" 2>/dev/null))." "Make room on the disk and try again."
answer=$("$stage/new/exshot/exshot" --version 2>"$stage/run.log")
[ "$answer" = "exshot $VERSION" ] ||
    failed "the program does not run here ($(tail -n 1 "$stage/run.log"))." "It needs glibc 2.36 or newer, as in Debian 12, Ubuntu 23.04 or Fedora 37, and a folder that allows programs."

: >"$stage/swapped"
if [ -e "$target" ]; then mv "$target" "$stage/old" || failed "$target could not be replaced."; fi
mv "$stage/new/exshot" "$target" || failed "$target could not be written."

# --- Links and the menu ---
make_folder() {
    if [ ! -d "$1" ]; then
        make_folder "$(dirname "$1")"
        printf '%s\n' "$1" >>"$stage/made"
        mkdir "$1" || failed "$1 cannot be written to."
    fi
}
link() { # NAME TARGET
    place=$prefix/bin/$1
    if [ -e "$place" ] || [ -L "$place" ]; then
        if [ "$(readlink "$place")" != "$2" ]; then
            say "  note: $place is another program's and was left alone."
        fi
        return
    fi
    printf '%s\n' "$place" >>"$stage/made"
    ln -s "$2" "$place" || failed "$place cannot be written."
}
make_folder "$prefix/bin"
link exshot ../lib/exshot/exshot
link exshot-uninstall ../lib/exshot/exshot-uninstall
make_folder "$prefix/share/applications"
entry=$prefix/share/applications/exshot-help.desktop
[ -e "$entry" ] || printf '%s\n' "$entry" >>"$stage/made"
cat >"$entry" <<END || failed "$entry cannot be written."
[Desktop Entry]
Type=Application
Name=ExShot Help
Name[de]=ExShot-Hilfe
Name[es]=Ayuda de ExShot
Comment=How to use ExShot in GIMP, in Krita and in the terminal
Exec=xdg-open "$target/_internal/help/index.html"
Icon=help-browser
Terminal=false
Categories=Graphics;Photography;
END

# --- Plug-ins, by the code of exshot install-plugins ---
if [ "$plugins" = yes ]; then
    : >"$stage/plugins"
    say "Plug-ins:"
    options=
    [ "$sandboxed" = no ] || options=--sandboxed
    # shellcheck disable=SC2086 # no option is no word
    "$target/exshot" install-plugins $options >"$stage/plugins.log" 2>&1 &
    worker=$!
    printf '%s\n' $worker >"$stage/plugins"
    wait $worker # a signal ends the waiting at once
    status=$?
    sed 's/^/  /' "$stage/plugins.log"
    [ $status -eq 0 ] || say "  note: not every plug-in could be installed; mend that and run: exshot install-plugins"
fi

# What the uninstaller removes besides $target; kept from the first installation on.
if [ -f "$stage/old/installed-files" ]; then cat "$stage/old/installed-files" "$stage/made"; else cat "$stage/made"; fi >"$target/installed-files" ||
    failed "$target cannot be written."
trap '' HUP INT TERM
: >"$stage/done"
rollback # only the stage is left to remove

say "ExShot $VERSION is installed. Remove it with: $prefix/bin/exshot-uninstall"
case :$PATH: in
    *:"$prefix/bin":*) ;;
    *)
        say "  note: $prefix/bin is not on your PATH. Log in again, or call $prefix/bin/exshot."
        ;;
esac
exit 0
