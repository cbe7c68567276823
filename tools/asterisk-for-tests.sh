#!/bin/sh
# Makes a chroot with Asterisk 22 for tests: `sh tools/asterisk-for-tests.sh FOLDER`, as root; some 400 MB from deb.debian.org.
# Then `TEST_ASTERISK=FOLDER .venv/bin/python -m pytest tests/contracts/test_over_asterisk.py` runs calls over it.
# Debian 12 has no package of Asterisk; unstable has, and what is installed here touches nothing of this system.
set -eu
folder=${1:?name a folder for it, such as /var/cache/asterisk-for-tests}
mirror=${2:-http://deb.debian.org/debian}

fail() { printf 'asterisk-for-tests | %s\n' "$*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || fail "only root can make a chroot"
[ ! -x "$folder/usr/sbin/asterisk" ] || { echo "asterisk-for-tests | $folder is there already"; exit 0; }
command -v debootstrap >/dev/null || fail "debootstrap is not installed: apt-get install debootstrap"

debootstrap --variant=minbase sid "$folder" "$mirror"
# Nothing that is installed in it is started.
printf '#!/bin/sh\nexit 101\n' >"$folder/usr/sbin/policy-rc.d"
chmod +x "$folder/usr/sbin/policy-rc.d"
DEBIAN_FRONTEND=noninteractive chroot "$folder" apt-get -qq -y install --no-install-recommends asterisk asterisk-modules
chroot "$folder" apt-get clean
chroot "$folder" asterisk -V
