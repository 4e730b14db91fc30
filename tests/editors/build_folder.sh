#!/usr/bin/env bash
# build_folder.sh SUITE DEST: make a Debian folder with editors and an X server in DEST.
#   trixie        GIMP 3.0, Krita 5.2
#   forky         GIMP 3.2, Krita 5.3
#   experimental  Krita 6 on Qt 6, on top of sid
# Needs root and mmdebstrap. Packages come from the Debian mirror that this machine's apt uses.
set -euo pipefail
suite=${1:?usage: build_folder.sh SUITE DEST} dest=${2:?usage: build_folder.sh SUITE DEST}

# shellcheck disable=SC2016 # apt's own variables
mirror=$(apt-get indextargets --format '$(ORIGIN) $(SITE)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 !~ /security/ { print $2; exit }')
if [[ -z $mirror ]]; then
    echo "apt knows no Debian mirror here; run apt-get update" >&2
    exit 1
fi

# passwd and login: newer suites leave useradd out of what they call required.
system=passwd,login,locales,ca-certificates
screen=xvfb,x11-utils,xdotool,openbox,imagemagick,fonts-dejavu-core,dbus,dbus-x11
# Icons: without a theme GIMP's dialogs draw placeholders. python3-gi-cairo: drawing in Gtk widgets.
gimp=gimp,gir1.2-gimp-3.0,gir1.2-gtk-3.0,python3-gi,python3-gi-cairo,adwaita-icon-theme
# Krita only recommends PyQt; without it there are no Python plug-ins.
krita5=krita,krita-l10n,python3-pyqt5,python3-pyqt5.sip
krita6=krita/experimental,krita-l10n/experimental,python3-pyqt6,python3-pyqt6.sip
krita6+=,libxcb-cursor0,qt6-svg-plugins

# Suites that are being made are newer than this machine's keyring, and a mirror may serve them
# past the date on their release file.
newer="deb [trusted=yes] $mirror"
case $suite in
    trixie) base=trixie sources=("$mirror") editors=$gimp,$krita5 ;;
    forky) base=forky sources=("$newer forky main") editors=$gimp,$krita5 ;;
    experimental)
        base=sid sources=("$newer sid main" "$newer experimental main") editors=$krita6 ;;
    *) echo "the suites are trixie, forky and experimental, not $suite" >&2; exit 2 ;;
esac

# A throw-away tree: no manuals, no recommended packages, no fsync; of the catalogues only German.
mmdebstrap --quiet --variant=apt --components=main \
    --include="$system,$screen,$editors" \
    --aptopt='APT::Install-Recommends "false"' \
    --aptopt='Acquire::Languages "none"' \
    --aptopt='Acquire::Check-Valid-Until "false"' \
    --dpkgopt='force-unsafe-io' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/help/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-include=/usr/share/locale/de/*' \
    "$base" "$dest" "${sources[@]}"

chroot "$dest" localedef -i de_DE -f UTF-8 de_DE.UTF-8
chroot "$dest" useradd --uid 4242 --shell /bin/bash --create-home painter
rm -f "$dest/etc/machine-id" # some suites leave an empty one, which dbus-uuidgen takes for damaged
chroot "$dest" dbus-uuidgen --ensure=/etc/machine-id
# The engine's own environment; its packages are put in from outside (see folder.py).
chroot "$dest" python3 -m venv --without-pip /opt/exshot
