#!/bin/sh
# Everything that this checkout needs from the machine: system packages, uv, the Python environment.
# Called by the verbs of the Makefile; quick when nothing is to do; safe to interrupt and to repeat.
# POSIX sh, as nothing else is certain to be there.
set -eu

root=$(cd "$(dirname "$0")/.." && pwd)
# The shell's own words about an unset name would say less.
home=${HOME:-}
if [ -z "$home" ] && [ -z "${XDG_CACHE_HOME:-}" ]; then
    echo "bootstrap: HOME is not set; set it, or XDG_CACHE_HOME" >&2
    exit 1
fi
cache=${XDG_CACHE_HOME:-$home/.cache}/meterpark
stamp=$root/.venv/.bootstrapped
uv_version=0.13.8

say() { printf '%s\n' "$*" >&2; }
die() { say "bootstrap: $*"; exit 1; }

# --- nothing to do? ----------------------------------------------------------------------------------------------

# What was installed for: this lock, this project, this script. The programs are checked each time,
# as a person may remove them, but cheaply.
fingerprint=$(cat "$root/uv.lock" "$root/pyproject.toml" "$root/deploy/bootstrap.sh" | cksum)
has() { command -v "$1" >/dev/null 2>&1; }
# Only tests of the page need one. Ubuntu has no package of the build without windows.
browser=chromium-headless-shell
! grep -qs '^ID=ubuntu' /etc/os-release || browser=chromium
browser_is_there() { [ "${METERPARK_WITH_TESTS:-}" != 1 ] || has "$browser"; }
if [ -x "$root/.venv/bin/python" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$fingerprint" ] \
    && has java && has mvn && has gcc && has git && has setpriv && browser_is_there; then
    exit 0
fi

# --- system packages ---------------------------------------------------------------------------------------------

python=
find_python() {
    for candidate in python3 python3.14 python3.13 python3.12 python3.11; do
        if has "$candidate" && "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            python=$("$candidate" -c 'import sys; print(sys.executable)')
            python_package=$candidate
            return 0
        fi
    done
    return 1
}

java_is_new_enough() {
    has java || return 1
    major=$(java -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p' | head -n 1)
    [ "${major:-0}" -ge 17 ]
}

has_library() {
    # ldconfig lies in sbin, which is not on everybody's PATH.
    PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -q "$1"
}

# What is missing, by the names of Debian and Ubuntu.
missing_packages() {
    missing=
    need() { missing="$missing $*"; }
    if find_python; then
        "$python" -c 'import ensurepip, venv' 2>/dev/null || need "$python_package-venv"
        # For qpid-proton, which comes as source only.
        "$python" -c 'import os, sys, sysconfig; sys.exit(not os.path.exists(os.path.join(sysconfig.get_paths()["include"], "Python.h")))' \
            || need "$python_package-dev"
    else
        need python3 python3-venv python3-dev
    fi
    has gcc || need gcc
    [ -e /usr/include/stdio.h ] || need libc6-dev
    # Without its headers qpid-proton builds too, but without TLS.
    [ -e /usr/include/openssl/ssl.h ] || need libssl-dev
    has pkg-config || need pkg-config
    java_is_new_enough || need openjdk-17-jre-headless
    has mvn || need maven
    has git || need git
    has setpriv || need util-linux
    has grep || need grep
    # A font, too: without one pages have no letters.
    browser_is_there || need "$browser" fonts-dejavu-core
    [ -e /etc/ssl/certs/ca-certificates.crt ] || need ca-certificates
    # For mongod.
    has_library 'libcurl\.so\.4' || need libcurl4
    has_library 'liblzma\.so\.5' || need liblzma5
    has_library 'libssl\.so\.3' || need libssl3
}

install_packages() {
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif has sudo && sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    else
        as_root=no
    fi
    if ! has apt-get || [ "$as_root" = no ]; then
        has apt-get || say "This is not Debian or Ubuntu: please install what these packages hold."
        die "missing on this machine:$missing
    please run:  sudo apt-get update && sudo apt-get install -y$missing
    (nothing can be installed here without a password)"
    fi
    say "installing$missing"
    log=$cache/logs/apt-get.log
    mkdir -p "$cache/logs"
    try=1
    # The lists are old or absent on a fresh machine; the archive may hiccup.
    until $as_root apt-get update >"$log" 2>&1 && newer_java && apt_install >>"$log" 2>&1; do
        [ $try -lt 3 ] || { tail -n 12 "$log" >&2; die "apt-get failed; the whole log is in $log"; }
        say "  apt-get failed, again in $((try * 5)) s; log: $log"
        sleep $((try * 5))
        try=$((try + 1))
    done
}

apt_install() {
    # shellcheck disable=SC2086 # a list of words on purpose
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
        -o DPkg::Lock::Timeout=300 $missing
}

# Debian 13 and later have no Java 17 any more.
newer_java() {
    case $missing in
    *openjdk-17-*)
        apt-cache show openjdk-17-jre-headless >/dev/null 2>&1 \
            || missing=$(printf '%s' "$missing" | sed 's/openjdk-17-/openjdk-21-/')
        ;;
    esac
}

missing_packages
if [ -n "$missing" ]; then
    install_packages
    hash -r
    missing_packages
    find_python || die "Python 3.11 or newer is needed, and $(python3 -V 2>&1) is what this system's python3 is.
    please run, if it has them:  apt-get install -y python3.11 python3.11-venv python3.11-dev"
    [ -z "$missing" ] || die "still missing after apt-get:$missing"
fi

# The machine's authorities, a company's own among them; uv and pip would bring theirs.
authorities=/etc/ssl/certs/ca-certificates.crt
if [ -z "${SSL_CERT_FILE:-}" ] && [ -e $authorities ]; then
    SSL_CERT_FILE=$authorities
    PIP_CERT=${PIP_CERT:-$authorities}
    export SSL_CERT_FILE PIP_CERT
fi

# --- uv ----------------------------------------------------------------------------------------------------------

# 0.8 is the first that reads this lock without rewriting it.
uv_is_good() {
    version=$("$1" --version 2>/dev/null) || return 1
    version=${version#uv }
    major=${version%%.*}
    rest=${version#*.}
    minor=${rest%%.*}
    [ "$major" -gt 0 ] 2>/dev/null || [ "$minor" -ge 8 ] 2>/dev/null
}

repeat() {
    attempt=1
    until "$@"; do
        [ $attempt -lt 4 ] || return 1
        say "  failed, again in $((attempt * 3)) s"
        sleep $((attempt * 3))
        attempt=$((attempt + 1))
    done
}

uv=$(command -v uv || true)
if [ -z "$uv" ] || ! uv_is_good "$uv"; then
    uv=$cache/uv-$uv_version/bin/uv
    if [ ! -x "$uv" ]; then
        say "installing uv $uv_version"
        partial=$cache/.uv.partial-$$
        rm -rf "$cache"/.uv.partial-*
        mkdir -p "$cache"
        "$python" -m venv "$partial"
        repeat "$partial/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$uv_version" \
            || die "uv cannot be installed"
        # A venv does not like to be moved, but uv is one program that needs none.
        mkdir -p "$partial/only/bin"
        mv "$partial/bin/uv" "$partial/only/bin/uv"
        rm -rf "$cache/uv-$uv_version"
        mv "$partial/only" "$cache/uv-$uv_version"
        rm -rf "$partial"
    fi
fi

# --- the Python environment --------------------------------------------------------------------------------------

[ -x "$root/.venv/bin/python" ] || { UV_PYTHON=$python; export UV_PYTHON; }
UV_PYTHON_DOWNLOADS=never
UV_PROJECT_ENVIRONMENT=$root/.venv
export UV_PYTHON_DOWNLOADS UV_PROJECT_ENVIRONMENT
unset VIRTUAL_ENV
say "installing Python packages"
cd "$root"
# Compiled here, once: hundreds of short processes import all of it, and a shell may forbid them to keep what
# they compile.
repeat "$uv" sync --quiet --locked --extra openwire --compile-bytecode || die "the Python packages cannot be installed"

tls_present() {
    .venv/bin/python -c 'import sys; from proton import SSL; sys.exit(not SSL.present())' 2>/dev/null
}
if ! tls_present; then
    # uv's cache may hold one that was built when the headers were not there.
    say "building qpid-proton again, with TLS"
    repeat "$uv" sync --quiet --locked --extra openwire --reinstall-package python-qpid-proton \
        --refresh-package python-qpid-proton --no-cache || die "qpid-proton cannot be built"
    tls_present || die "qpid-proton has no TLS although libssl-dev is here; please report this"
fi

printf '%s' "$fingerprint" >"$stamp"
