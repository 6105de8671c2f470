#!/bin/sh
# Tools of AMD's 7 series from Debian's own packages, unpacked into a folder: nothing is installed,
# nothing needs root. `make tools-xc7` calls it in the checkout's folder:
#
#   xc7.sh FOLDER    default .tools/xc7, where hearth finds them (toolchain/targets/xc7/tools.py)
#
# apt fetches the packages and what they need into lists of its own, and takes none that Debian has
# not signed (debian-archive-keyring). FOLDER appears when it is whole; FOLDER/versions names every
# package. $SUITE is Debian's release, $MIRROR its archive.
set -eu
FOLDER=${1:-.tools/xc7} SUITE=${SUITE:-testing} MIRROR=${MIRROR:-http://deb.debian.org/debian}
PACKAGES="nextpnr-himbaechel-xilinx prjxray prjxray-database"
KEYRING=${KEYRING:-/usr/share/keyrings/debian-archive-keyring.gpg}

refuse() { # SENTENCE
  printf '%s\n' "tools-xc7: $1" >&2
  exit 2
}

case $FOLDER in "" | *[!A-Za-z0-9_./+-]*)
  refuse "'$FOLDER': expected a path of letters, digits and _ . / + - alone; name another folder" ;;
esac
if [ -s "$FOLDER/versions" ]; then
  echo "$FOLDER holds $(wc -l <"$FOLDER/versions") packages already; remove it to fetch them anew"
  exit 0
fi
[ ! -e "$FOLDER" ] ||
  refuse "$FOLDER: is there, but not made by this; remove it, or name another folder"
for tool in apt-get dpkg-deb; do
  command -v "$tool" >/dev/null ||
    refuse "$tool is not here: expected Debian or Ubuntu; elsewhere put $PACKAGES on PATH"
done
[ "$(dpkg --print-architecture)" = amd64 ] ||
  refuse "expected a PC (amd64), found $(dpkg --print-architecture); put $PACKAGES on PATH"
[ -r "$KEYRING" ] || refuse "$KEYRING is not here: sudo apt install debian-archive-keyring"

mkdir -p "$(dirname "$FOLDER")"
made=$(cd "$(dirname "$FOLDER")" && pwd -P)/.$(basename "$FOLDER").$$
trap 'rm -rf "$made"' EXIT
trap 'exit 130' INT TERM HUP
apt=$made/apt root=$made/root
mkdir -p "$apt/lists/partial" "$apt/archives/partial" "$apt/etc" "$root"
: >"$apt/status"
echo "deb [arch=amd64 signed-by=$KEYRING] $MIRROR $SUITE main" >"$apt/etc/sources.list"
apt_get() {
  apt-get -q -o Dir::State="$apt" -o Dir::State::lists="$apt/lists" \
    -o Dir::State::status="$apt/status" \
    -o Dir::Cache="$apt" -o Dir::Cache::archives="$apt/archives" -o Dir::Etc::sourceparts=- \
    -o Dir::Etc::sourcelist="$apt/etc/sources.list" -o Dir::Etc::preferencesparts=- \
    -o APT::Install-Recommends=false -o APT::Architecture=amd64 -o APT::Architectures::=amd64 \
    -o APT::Get::AllowUnauthenticated=false -o Acquire::AllowInsecureRepositories=false \
    -o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)" "$@"
}
apt_get update
# shellcheck disable=SC2086
apt_get install -y --download-only $PACKAGES
for file in "$apt/archives"/*.deb; do
  dpkg-deb --extract "$file" "$root"
  dpkg-deb --show --showformat='${Package} ${Version} ${Architecture}\n' "$file"
done >"$made/versions"
for tool in nextpnr-himbaechel-xilinx xc7frames2bit bitread; do
  [ -x "$root/usr/bin/$tool" ] ||
    refuse "$SUITE's packages hold no $tool; name another release: SUITE=sid"
done
mv "$made/versions" "$root/versions"
mv "$root" "$FOLDER"
echo "$FOLDER: $(wc -l <"$FOLDER/versions") packages"
