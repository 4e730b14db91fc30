#!/usr/bin/env bash
# build_folder.sh DEST: make a Debian 13 folder with GIMP 3, Krita 5.2 and an X server in DEST.
# Needs root and mmdebstrap. Packages come from the Debian mirror that this machine's apt uses.
set -euo pipefail
dest=${1:?usage: build_folder.sh DEST}
suite=trixie

# shellcheck disable=SC2016 # apt's own variables
mirror=$(apt-get indextargets --format '$(ORIGIN) $(SITE)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 !~ /security/ { print $2; exit }')
if [[ -z $mirror ]]; then
    echo "apt knows no Debian mirror here; run apt-get update" >&2
    exit 1
fi

screen=xvfb,x11-utils,xdotool,openbox,imagemagick,fonts-dejavu-core,dbus,dbus-x11
# Icons: without a theme GIMP's dialogs draw placeholders. python3-gi-cairo: drawing in Gtk widgets.
gimp=gimp,gir1.2-gimp-3.0,gir1.2-gtk-3.0,python3-gi,python3-gi-cairo,adwaita-icon-theme
# Krita only recommends PyQt; without it there are no Python plug-ins.
krita=krita,python3-pyqt5,python3-pyqt5.sip

# A throw-away tree: no manuals, no catalogues of other packages, no recommended packages, no fsync.
mmdebstrap --quiet --variant=apt --components=main \
    --include="$screen,$gimp,$krita,ca-certificates" \
    --aptopt='APT::Install-Recommends "false"' \
    --aptopt='Acquire::Languages "none"' \
    --dpkgopt='force-unsafe-io' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/help/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    "$suite" "$dest" "$mirror"

chroot "$dest" useradd --uid 4242 --shell /bin/bash --create-home painter
chroot "$dest" dbus-uuidgen --ensure=/etc/machine-id
# The engine's own environment; its packages are put in from outside (see folder.py).
chroot "$dest" python3 -m venv --without-pip /opt/exshot
