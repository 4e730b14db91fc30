#!/usr/bin/env bash
# install_tools.sh: what the Windows installer's making needs of Debian and this computer lacks. As
# root it is installed; for others its absence is told by the build itself.
set -euo pipefail
packages=()
for tool in mmdebstrap npm; do
    command -v "$tool" >/dev/null || packages+=("$tool")
done
((${#packages[@]})) || exit 0
[[ "$(id -u)" == 0 ]] && command -v apt-get >/dev/null || exit 0
echo "Installing ${packages[*]} ..."
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
