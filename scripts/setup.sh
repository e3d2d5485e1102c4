#!/usr/bin/env bash
# Makes .venv ready: what is missing from the system by apt, the rest by pip at pinned versions.
#   scripts/setup.sh          what `hallctl` needs to run
#   scripts/setup.sh --dev    and what `make test` needs
# Run again, it looks and returns. Nothing but .venv and the system's packages is touched.
set -euo pipefail
cd "$(dirname "$0")/.."

dev=no
[ "${1:-}" = --dev ] && dev=yes

say() { printf '%s\n' "$*"; }
stop() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# Which Python: the system's python3 if it is new enough, else another one on PATH.
new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
python=
for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if command -v "$name" >/dev/null && new_enough "$name"; then python=$name; break; fi
done
[ -n "$python" ] || stop "hallctl needs Python 3.11 or newer, and none is on PATH. Debian 12, 13 and Ubuntu 24.04 have it: apt install python3."

# What the system must have. One line each: what it is looked for by, its package, why it is needed.
has_venv() { "$python" -c 'import ensurepip, venv' 2>/dev/null; }
has_headers() { "$python" -c 'import pathlib, sysconfig, sys; sys.exit(not (pathlib.Path(sysconfig.get_path("include")) / "Python.h").is_file())'; }
has_compiler() { command -v gcc >/dev/null; }
has_libc_headers() { [ -e /usr/include/stdlib.h ]; }
has_kernel_headers() { [ -e /usr/include/linux/input.h ]; }
has_fonts() { ls /usr/share/fonts/opentype/noto/NotoSansCJK-{Regular,Bold}.ttc >/dev/null 2>&1; }
has_timezones() { [ -e /usr/share/zoneinfo/Asia/Shanghai ]; }
has_speech() { command -v espeak-ng >/dev/null; }
has_usb() { compgen -G '/usr/lib/*/libusb-1.0.so.0' >/dev/null || compgen -G '/usr/lib*/libusb-1.0.so.0' >/dev/null; }
has_browser() { command -v chromium >/dev/null; }
has_display() { command -v Xvfb >/dev/null; }
has_namespaces() { command -v ip >/dev/null; }
has_filter() { command -v iptables >/dev/null; }
has_faketime() { compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null; }
has_strace() { command -v strace >/dev/null; }
has_units() { command -v systemd-analyze >/dev/null; }
has_browser_driver() { command -v chromedriver >/dev/null; }

needs='has_venv|python3-venv|makes .venv
has_compiler|gcc|compiles evdev
has_libc_headers|libc6-dev|compiles evdev
has_headers|python3-dev|compiles evdev
has_kernel_headers|linux-libc-dev|compiles evdev
has_fonts|fonts-noto-cjk|Chinese letters on screens and tickets
has_timezones|tzdata|time zones
has_speech|espeak-ng|the voice that makes sound clips
has_usb|libusb-1.0-0|printers on USB'
[ $dev = no ] || needs="$needs
has_browser|chromium|tests: a browser for the desk page
has_browser_driver|chromium-driver|tests: drives the browser
has_units|systemd|tests: looks the units over
has_strace|strace|tests: disks that fail
has_display|xvfb|tests: screens on a display of their own
has_namespaces|iproute2|tests: machines on a network
has_filter|iptables|tests: lines that lose packets
has_faketime|faketime|tests: the clock of a machine is set"

missing=()
look() {
    missing=()
    while IFS='|' read -r check package why; do
        "$check" || missing+=("$package|$why")
    done <<<"$needs"
}

names() { local each; for each in "${missing[@]}"; do printf '%s ' "${each%%|*}"; done; }

# Sets as_root to what goes before a command of root's; fails where nobody can be root.
as_root=
may_install() {
    if [ "$(id -u)" = 0 ]; then return 0; fi
    command -v sudo >/dev/null || return 1
    as_root=sudo
    # A password is asked once, and only where there is somebody to type it.
    if [ -t 0 ]; then sudo -v; else sudo -n true 2>/dev/null; fi
}

install_missing() {
    local log n=0 each package from
    log=$(mktemp)
    say "Missing from the system: $(names | wc -w) packages; apt installs them (log: $log)."
    say "  apt-get update: the list of packages"
    $as_root apt-get update >"$log" 2>&1 || say "  apt-get update failed; going on with the list apt has."
    for each in "${missing[@]}"; do
        n=$((n + 1)); package=${each%%|*}; from=$SECONDS
        printf '  [%s/%s] %s: %s ... ' "$n" "${#missing[@]}" "$package" "${each#*|}"
        if $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends "$package" >>"$log" 2>&1 </dev/null
        then say "$((SECONDS - from)) s"
        else say "not to be had: $(grep -E '^E:' "$log" | tail -n 1)"
        fi
    done
}

look
if [ ${#missing[@]} -gt 0 ]; then
    if ! command -v apt-get >/dev/null; then
        say "There is no apt here. Missing, by their Debian names: $(names)"
    elif ! may_install; then
        say "Neither root nor sudo, so nothing is installed into the system. Missing: $(names)"
        say "  Later, as root: apt-get install $(names)"
    else
        install_missing
        look
        [ ${#missing[@]} -eq 0 ] || say "Still missing: $(names)"
    fi
    if [ ${#missing[@]} -gt 0 ]; then
        [ "${CI:-}" != true ] || stop "in CI everything must be there."
        say "Going on with what is there."
    fi
fi

# The stamp says: .venv was made from exactly these files, here, by this Python.
stamp=.venv/.ready-$dev
key=$({ cat pyproject.toml constraints.txt scripts/setup.sh; "$python" -VV; pwd; has_headers && has_compiler && echo evdev || true; } | sha256sum)
is_ready() { [ "$(cat ".venv/.ready-$1" 2>/dev/null)" = "$key" ]; }
if [ -x .venv/bin/hallctl ] && { is_ready yes || is_ready $dev; }; then exit 0; fi # the tests' is the larger one

# An old .venv is used again unless its Python has gone, or been replaced under it.
if ! { new_enough .venv/bin/python && .venv/bin/python -m pip --version >/dev/null 2>&1; }; then
    has_venv || stop "$python has no venv module and I may not install python3-venv. As root: apt-get install python3-venv"
    say "Making .venv with $("$python" -V) ..."
    "$python" -m venv --clear .venv
fi

# pip finds its index where the machine says (pip.conf, PIP_*): no address stands in this repository.
# Build environments (evdev comes as source) take the same pins: older pips read the one, newer the other.
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
export PIP_CONSTRAINT=constraints.txt PIP_BUILD_CONSTRAINT=constraints.txt
log=.venv/setup.log
: >"$log"
pip() {
    if ! .venv/bin/python -m pip install --progress-bar off "$@" 2>&1 | tee -a "$log" | sed -un 's/^Collecting \([A-Za-z0-9_.-]*\).*/  \1/p; s/^\(Building wheel for .*\)$/  \1/p'; then
        grep -E 'ERROR|error:' "$log" | tail -n 5 >&2
        stop "pip could not install everything; the whole story is in $log."
    fi
}

say "Installing Python packages at the versions of constraints.txt ..."
.venv/bin/python - "$dev" >.venv/wanted.txt <<'PYTHON'
import sys, tomllib
with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)
wanted = project["project"]["dependencies"] + project["build-system"]["requires"]
wanted.append("editables") # hatchling asks for it when it builds `-e .`
if sys.argv[1] == "yes":
    wanted += project["dependency-groups"]["dev"]
print(*wanted, sep="\n")
PYTHON
if ! { has_headers && has_compiler && has_libc_headers && has_kernel_headers; }; then
    say "  without evdev: it must be compiled and the compiler or its headers are missing."
    sed -i '/^evdev/d' .venv/wanted.txt
fi
pip -r .venv/wanted.txt
unset PIP_BUILD_CONSTRAINT # hallctl itself is built by the hatchling just installed
pip --no-build-isolation --no-deps -e .

# Tests have a printer's ticket read by npos, an ESC/POS parser in JavaScript that is not ours, and run
# docs/examples/client.mjs, which needs zeromq (its package brings the library built). npm is large, so apt
# does not bring it: where it is missing, the ticket is not read, and the client's tests fail and say why.
from_npm() {
    mkdir -p .venv/npm
    npm install --prefix .venv/npm --no-audit --no-fund --no-package-lock --no-save --ignore-scripts \
        --omit=optional --loglevel=error npos@0.1.19 bluebird@3.7.2 iconv-lite@0.4.24 lodash@4.18.1 lwim@0.1.3 \
        mutable-buffer@2.2.5 proback@1.0.3 safer-buffer@2.1.2 struct-fu@1.2.1 tslib@2.9.1 \
        zeromq@6.8.0 cmake-ts@1.0.2 node-addon-api@8.9.2 >>"$log" 2>&1
}
if [ $dev = yes ] && ! { command -v npm >/dev/null && from_npm; }; then
    [ "${CI:-}" != true ] || stop "in CI npos and zeromq must be there; the whole story is in $log."
    say "  without npos and zeromq: no npm, or it could not install; a few tests will be skipped or fail."
fi
printf '%s' "$key" >"$stamp"
say "Ready."
