#!/usr/bin/env bash
# get_mmdebstrap.sh: as root on a Debian or Ubuntu, install what the editors' folders are made with.
# Where that cannot be, nothing fails: the tests inside GIMP and Krita skip, and pytest says so.
set -uo pipefail
command -v mmdebstrap >/dev/null && exit 0
[[ $(id -u) == 0 ]] && command -v apt-get >/dev/null || exit 0
echo "installing mmdebstrap, for the tests inside GIMP and Krita" >&2
{
    apt-get update -qq &&
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mmdebstrap
} >/dev/null 2>&1 || echo "mmdebstrap could not be installed" >&2
exit 0
