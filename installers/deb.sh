#!/usr/bin/env bash
# A package for Debian and Ubuntu from dist/inbox, which `pyinstaller installers/inbox.spec` made: dist/inbox_VERSION_ARCH.deb
set -euo pipefail
cd "$(dirname "$0")/.."

version="$(sed -n 's/^version = "\(.*\)"/\1/p' pyproject.toml)"
arch="$(dpkg --print-architecture)"
build="$(mktemp -d)"
trap 'rm -rf "$build"' EXIT
chmod 755 "$build"

mkdir -p "$build/DEBIAN" "$build/opt" "$build/usr/bin" "$build/usr/share/applications" \
  "$build/usr/share/icons/hicolor/scalable/apps" "$build/usr/share/doc/inbox"
cp -r dist/inbox "$build/opt/inbox"
ln -s /opt/inbox/inbox "$build/usr/bin/inbox"
cp resources/icons/inbox.svg "$build/usr/share/icons/hicolor/scalable/apps/inbox.svg"
cp LICENSE "$build/usr/share/doc/inbox/copyright"

cat > "$build/usr/share/applications/inbox.desktop" <<DESKTOP
[Desktop Entry]
Type=Application
Name=Inbox
Comment=One inbox for every channel on which customers write
Comment[es]=Un buzón para todos los canales por los que escriben los clientes
Exec=inbox
Icon=inbox
Categories=Office;Email;
DESKTOP

cat > "$build/DEBIAN/control" <<CONTROL
Package: inbox
Version: $version
Architecture: $arch
Maintainer: The Inbox maintainers <maintainers@example.com>
Section: mail
Priority: optional
Installed-Size: $(du -sk "$build/opt" | cut -f1)
Depends: libgl1, libegl1, libglib2.0-0, libdbus-1-3, libfontconfig1, libxkbcommon0, libxcb-cursor0, libxcb-icccm4,
 libxcb-keysyms1, libxcb-shape0, libxcb-xkb1, libxcb-render-util0, libxcb-image0, libxkbcommon-x11-0
Recommends: gnome-keyring | kwalletmanager, fonts-noto-color-emoji, fonts-inter
Description: One inbox for every channel on which customers write
 Conversations of all channels in one list, each with its one customer; replies from templates; cases that close only
 after the customer was asked.
CONTROL

dpkg-deb --root-owner-group -Zzstd --build "$build" "dist/inbox_${version}_${arch}.deb"
