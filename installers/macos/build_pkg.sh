#!/usr/bin/env bash
# build_pkg.sh VERSION: the macOS installer out of the bundle, in dist/. Runs on macOS only; not yet
# run on a Mac. To have Gatekeeper accept the result, set SIGN_APPLICATION and SIGN_INSTALLER to the
# names of Developer ID certificates and notarise it with `xcrun notarytool submit`.
set -euo pipefail
version=${1:?usage: build_pkg.sh VERSION}
if [[ $(uname -m) != arm64 ]]; then
    echo "ONNX Runtime has no build for Intel Macs, so there is no installer for them either." >&2
    exit 1
fi
cd "$(dirname "$0")/../.."
root=build/macos/root
runtime="$root/Library/Application Support/ExShot/runtime" # exshot_contract.engine_command looks for it there
rm -rf build/macos
mkdir -p "$runtime" "$root/usr/local/bin" dist
cp -R build/bundle/exshot/. "$runtime/"
cp installers/macos/exshot-uninstall "$runtime/"
ln -s "/Library/Application Support/ExShot/runtime/exshot" "$root/usr/local/bin/exshot"
ln -s "/Library/Application Support/ExShot/runtime/exshot-uninstall" "$root/usr/local/bin/exshot-uninstall"
if [[ -n ${SIGN_APPLICATION:-} ]]; then
    find "$runtime" -type f \( -name '*.so' -o -name '*.dylib' -o -name exshot \) -print0 |
        xargs -0 codesign --force --options runtime --timestamp --sign "$SIGN_APPLICATION"
fi
sign=()
[[ -z ${SIGN_INSTALLER:-} ]] || sign=(--sign "$SIGN_INSTALLER")
pkgbuild --root "$root" --scripts installers/macos/scripts --identifier org.exshot.exshot \
    --version "$version" --min-os-version 14.0 --install-location / ${sign[@]+"${sign[@]}"} \
    "dist/ExShot-$version-macos-$(uname -m).pkg"
