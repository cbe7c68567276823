#!/bin/sh
# The programs that tests drive: a browser, Japanese letters for it, real mail servers and callers.
# On Debian, root gets them installed; nothing is started, for the tests start their own.
set -eu

missing=
has() { PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$1" >/dev/null; }
need() { missing="$missing $1"; }

if [ "$(uname)" = Darwin ]; then has chromium || need chromium; else has chromium-headless-shell || need chromium-headless-shell; fi
ls /usr/share/fonts/opentype/noto/NotoSansCJK* >/dev/null 2>&1 || [ "$(uname)" = Darwin ] || need fonts-noto-cjk
has dovecot || need dovecot-imapd
has postfix || need postfix
has sipp || need sip-tester
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "The tests need programs that are missing:$missing" >&2
    echo "Debian: sudo apt-get install --no-install-recommends$missing" >&2
    echo "macOS: brew install dovecot sipp and brew install --cask chromium; postfix is there" >&2
    exit 1
fi

echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
# set-up.sh, which may run beside this, waits for the same lock.
alone() { flock /run/lock/madoguchi-apt "$@"; }
alone apt-get -qq update
# shellcheck disable=SC2086 - a list of words
alone apt-get -qq -y install --no-install-recommends $missing >/dev/null
