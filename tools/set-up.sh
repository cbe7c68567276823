#!/bin/sh
# Makes .venv what requirements/ says: `set-up.sh run` for the product, `set-up.sh dev` for tests and checks too.
# The second time there is nothing to do, and it takes a fraction of a second.
set -eu
cd "$(dirname "$0")/.."
kind=$1
venv=$PWD/.venv
python=$venv/bin/python
# The bundled PostgreSQL may run as an account of its own and must be able to read what is installed here.
umask 022
unset PYTHONDONTWRITEBYTECODE PYTHONPATH PYTHONHOME

say() { printf 'set-up | %s\n' "$*"; }
fail() { printf 'set-up | %s\n' "$*" >&2; exit 1; }
is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

# The oldest version that will do comes first: it is the one the tests run on.
find_python() {
    for name in python3.11 python3.12 python3.13 python3; do
        if is_new_enough "$name"; then command -v "$name"; return; fi
    done
    return 1
}

may_apt() { [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; }

apt_install() {
    say "Installing $*"
    export DEBIAN_FRONTEND=noninteractive
    alone="flock /run/lock/madoguchi-apt"  # test-packages.sh may run beside this
    { $alone apt-get -qq update && $alone apt-get -qq -y install --no-install-recommends "$@"; } >/dev/null ||
        fail "apt-get could not install $*; the lines above say why."
}

# uv installs in a sixth of pip's time. It is itself installed by pip, in the version that is locked.
find_uv() {
    if [ -x "$venv/bin/uv" ]; then echo "$venv/bin/uv"; return; fi
    if command -v uv; then return; fi
    awk '/^uv==/ { found = 1 } found { print } found && !/\\$/ { exit }' requirements/dev.txt >"$venv/uv.txt"
    by_pip "$venv/uv.txt" 2>/dev/null && echo "$venv/bin/uv" || true
}

by_pip() {
    "$python" -m pip --version >/dev/null 2>&1 || "$python" -m ensurepip >/dev/null
    "$python" -m pip install --quiet --disable-pip-version-check --require-hashes -r "$1"
}

by_uv() {
    uv=$(find_uv)
    [ -n "$uv" ] && "$uv" pip install --quiet --python "$python" --require-hashes -r "$1"
}

make_venv() {
    base=$(find_python) || {
        may_apt || fail "Python 3.11 or newer is missing. Debian: sudo apt-get install python3 python3-venv. macOS: brew install python@3.13"
        apt_install python3 python3-venv
        base=$(find_python) || fail "This system's Python is older than 3.11; install a newer one."
    }
    say "Making .venv with $("$base" --version)"
    rm -rf "$venv"
    if command -v uv >/dev/null; then
        uv venv --quiet --python "$base" "$venv"
        return
    fi
    if ! "$base" -c 'import ensurepip, venv' 2>/dev/null; then
        package=python$("$base" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv
        may_apt || fail "Python's venv is missing. Run: sudo apt-get install $package"
        apt_install "$package"
    fi
    "$base" -m venv "$venv"
}

fingerprint() {
    cat "requirements/$1.txt" "$venv/pyvenv.cfg" | cksum
}

is_installed() {
    [ -f "$venv/.installed-$1" ] && [ "$(cat "$venv/.installed-$1")" = "$(fingerprint "$1")" ]
}

install_packages() {
    say "Installing the packages of requirements/$kind.txt"
    # What pip is told of (an index of one's own, say, in pip.conf) uv does not know.
    by_uv "requirements/$kind.txt" || by_pip "requirements/$kind.txt"
    # Templates that some packages carry are not Python, and are none of our business.
    "$python" -m compileall -q -j 0 "$venv/lib" >/dev/null 2>&1 || true
    rm -f "$venv"/.installed-*
    fingerprint "$kind" >"$venv/.installed-$kind"
}

# The product runs from src. That needs no build and no network, and a `git pull` is in force at once.
link_product() {
    packages=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    printf '%s\n' "$PWD/src" >"$packages/madoguchi.pth"
    printf '#!/bin/sh\nexec "%s" -P -m madoguchi.project.cli "$@"\n' "$python" >"$venv/bin/madoguchi"
    chmod 755 "$venv/bin/madoguchi"
}

was_moved() { [ -f "$venv/bin/madoguchi" ] && ! grep -qF "\"$python\"" "$venv/bin/madoguchi"; }

if ! is_new_enough "$python" || was_moved; then make_venv; fi
[ -f "$venv/bin/madoguchi" ] || link_product
is_installed dev || { [ "$kind" = run ] && is_installed run; } || install_packages
"$python" -m compileall -q src >/dev/null || true
"$python" tools/messages.py
