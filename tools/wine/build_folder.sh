#!/usr/bin/env bash
# build_folder.sh DEST: make a Debian 12 folder with Wine (64 and 32 bits: Inno Setup and what it
# makes are 32-bit programs), mingw-w64 and Python 3.11's standard library in DEST.
# Needs root and mmdebstrap. Packages come from the Debian mirror that this machine's apt uses.
set -euo pipefail
dest=${1:?usage: build_folder.sh DEST}

# shellcheck disable=SC2016 # apt's own variables
mirror=$(apt-get indextargets --format '$(ORIGIN) $(SITE)' 'Created-By: Packages' |
    awk '$1 == "Debian" && $2 !~ /security/ { print $2; exit }')
if [[ -z $mirror ]]; then
    echo "apt knows no Debian mirror here; run apt-get update" >&2
    exit 1
fi

mmdebstrap --quiet --variant=apt --components=main --architectures=amd64,i386 \
    --include=wine,wine64,wine32:i386,gcc-mingw-w64-x86-64,python3.11,iproute2 \
    --aptopt='APT::Install-Recommends "false"' \
    --aptopt='Acquire::Languages "none"' \
    --dpkgopt='force-unsafe-io' \
    --dpkgopt='path-exclude=/usr/share/doc/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    --dpkgopt='path-exclude=/usr/share/locale/*' \
    bookworm "$dest" "$mirror"

# Wine's Windows user takes this name: with a space and an umlaut, as many have. enter_folder.sh
# runs commands as number 4242.
echo 'Jörg Müller:x:4242:4242::/tmp/home:/bin/bash' >>"$dest/etc/passwd"
