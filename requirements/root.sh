#!/bin/sh
# Makes a Debian root with these packages in FOLDER, unless it's there with the same ones. As root; it takes a network and
# a minute or two. Nothing of it is started: debootstrap keeps daemons from starting where it installs.
set -eu
folder=$1
shift
[ "$(cat "$folder/packages" 2>/dev/null)" = "$*" ] && exit 0
echo "Making a Debian root in $folder with $*"
rm -rf "$folder"
mkdir -p "$folder"
debootstrap --variant=minbase --include="$(echo "$@" | tr ' ' ',')" bookworm "$folder/root" >"$folder/log" 2>&1 || {
    tail -n 20 "$folder/log" >&2
    exit 1
}
rm -rf "$folder/root/var/cache/apt/archives" "$folder/root/var/lib/apt/lists"
echo "$*" >"$folder/packages"
