#!/bin/sh
# Unpacks a Debian package into FOLDER/PACKAGE, unless it's there.
set -eu
package=$1 folder=$2
[ -d "$folder/$package" ] && exit 0
echo "Unpacking Debian's $package"
new=$(mktemp -d)
trap 'rm -rf "$new"' EXIT
(cd "$new" && apt-get download -q "$package" >/dev/null 2>&1) || {
    echo "Debian's $package can't be downloaded. Run 'apt-get update' as root, then try again." >&2
    exit 1
}
mkdir -p "$folder"
dpkg-deb -x "$new"/*.deb "$new/files"
chmod 755 "$new/files"
# Nothing of it is to run with more rights than who starts it.
find "$new/files" -type f -perm /6000 -exec chmod ug-s {} +
mv "$new/files" "$folder/$package"
