#!/usr/bin/env bash
# The tests that need real kernel drivers, in a machine of their own: scripts/vm.sh [GOAL] [pytest's arguments]
#   test       boots the machine, runs tests/vm in it, prints what pytest prints; its exit code is pytest's
#   installed  boots it with systemd, installs hallctl as in a real hall (test_installed.py), puts a screen
#              onto an X server (test_screened.py), starts the machine anew (test_restarted.py), cuts its
#              power while tickets are given (test_cut.py; as often as HALLCTL_VM_CUTS says, once by itself),
#              takes hallctl out again (test_removed.py)
#   build      only makes the machine's disk, which `test` does by itself the first time
#   shell      a shell in the machine instead of the tests; leave it with exit
#
# The machine is qemu's with a Debian kernel, because the kernels of containers and clouds have no USB
# printers, keyboards and serial adapters to unplug; in the guest dummy_hcd and the USB gadget drivers
# make them. It has no network. It sees this folder read only, .venv too, so its Python must be of the
# same minor version as .venv's. Nothing in it outlives a run.
#
# No address stands here: the mirror is the one this machine's apt uses, or HALLCTL_MIRROR.
# ACCEL=kvm where /dev/kvm is a true one; the default emulates the processor (about ten times slower).
set -euo pipefail
cd "$(dirname "$0")/.."
goal=${1:-test}
[ $# -eq 0 ] || shift
release=bookworm
accel=${ACCEL:-tcg,thread=multi}
most_s=${HALLCTL_VM_MOST_S:-7200}
cuts=${HALLCTL_VM_CUTS:-1}

stop() { printf 'vm: %s\n' "$*" >&2; exit 1; }
for each in qemu-system-x86_64 mke2fs; do
    command -v "$each" >/dev/null || stop "$each is missing: apt-get install qemu-system-x86 debootstrap e2fsprogs"
done
[ -x .venv/bin/python ] || stop "run make setup first."
ours=$(.venv/bin/python -c 'import sys; print("python%d.%d" % sys.version_info[:2])')

packages=udev,kmod,linux-image-amd64,python3,libusb-1.0-0,iproute2,procps,systemd,systemd-sysv,dbus,tzdata
# What docs/installing.md names for a machine of screens.
packages+=,xserver-xorg-core,xserver-xorg-input-libinput,xinit,x11-xserver-utils,libpam-systemd,fonts-noto-cjk
inside='#!/bin/sh
# The first program of the machine: it only finds this folder; the rest is tests/vm/init.sh.
mount -t proc proc /proc
mount -t sysfs sys /sys
mountpoint -q /dev || mount -t devtmpfs dev /dev
modprobe -a 9pnet_virtio 9p
mount -t 9p -o trans=virtio,version=9p2000.L,ro,cache=loose,msize=262144 hallctl /srv
exec sh /srv/tests/vm/init.sh'
key=$(printf '%s\n' "$release" "$packages" "$inside" | sha256sum | cut -c 1-12)
disk=${XDG_CACHE_HOME:-$HOME/.cache}/hallctl-vm/$key

apt_mirror() {
    find /etc/apt -name sources.list -o -name '*.sources' -o -name '*.list' | sort | xargs cat |
        sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' | sed -n 1p
}

build() {
    [ ! -e "$disk/ready" ] || return 0
    [ "$(id -u)" = 0 ] || stop "the first time debootstrap needs root."
    command -v debootstrap >/dev/null || stop "apt-get install debootstrap first."
    local mirror=${HALLCTL_MIRROR:-} from=$SECONDS root
    if [ -z "$mirror" ] && (. /etc/os-release && [ "$ID" = debian ]); then mirror=$(apt_mirror); fi
    [ -n "$mirror" ] || stop "say where Debian lies: HALLCTL_MIRROR=..."
    mkdir -p "$disk"
    root=$(mktemp -d "/var/tmp/hallctl-vm-XXXXXX")
    # shellcheck disable=SC2064
    trap "rm -rf --one-file-system '$root'" EXIT
    echo "vm: making the machine's disk (once; debootstrap, 1 to 2 minutes) ..."
    debootstrap --variant=minbase --include="$packages" "$release" "$root" "$mirror" >"$disk/build.log" 2>&1 ||
        { tail -n 5 "$disk/build.log"; stop "debootstrap failed; see $disk/build.log"; }
    printf '%s\n' "$inside" >"$root/hallctl-init"
    chmod 755 "$root/hallctl-init"
    cp -L "$root/vmlinuz" "$disk/vmlinuz"
    cp -L "$root/initrd.img" "$disk/initrd.img"
    basename "$(readlink -f "$root/usr/bin/python3")" >"$disk/python"
    rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale}
    mke2fs -q -t ext4 -d "$root" "$disk/root.raw" 2G
    rm -rf --one-file-system "$root"
    trap - EXIT
    touch "$disk/ready"
    echo "vm: made in $((SECONDS - from)) s: $disk"
}

# mitigations=off, for guards against a leaking processor only cost time in an emulated one.
# boot WHAT-TO-RUN DRIVE [MORE ...]: the guest's first serial line is boot.log, the second is ours. DRIVE and
# MORE are qemu's.
boot() {
    timeout --foreground "$most_s" qemu-system-x86_64 -accel "$accel" -cpu max -smp 2 -m 1280 -nodefaults "${@:3}" \
        -kernel "$disk/vmlinuz" -initrd "$disk/initrd.img" \
        -append "root=/dev/vda rw init=/hallctl-init console=ttyS0 quiet mitigations=off no5lvl hallctl=$1" \
        -drive "if=virtio,$2" \
        -virtfs "local,path=$PWD,mount_tag=hallctl,security_model=none,readonly=on,multidevs=remap" \
        -display none -serial "file:$disk/boot.log" -serial stdio
}

thrown_away="file=$disk/root.raw,format=raw,snapshot=on"

# How pytest ended in there, by what was said; its code is this function's.
told() {
    local code
    code=$(sed -n 's/^vm: pytest ended with \([0-9]*\)$/\1/p' "$1" | tail -n 1)
    [ -n "$code" ] || { tail -n 20 "$disk/boot.log"; stop "the tests did not end; see $disk/boot.log"; }
    return "$code"
}

# The machine of one installed hall: a disk of its own that outlives a power cut, and a folder that both see.
# Its clock stands at a working morning and goes on from one boot to the next, as a clock with a battery does.
installed() {
    local work from=$SECONDS base helper
    command -v qemu-img >/dev/null || stop "qemu-img is missing: apt-get install qemu-utils"
    work=$(mktemp -d /var/tmp/hallctl-vm-XXXXXX)
    mkdir "$work/shared"
    echo installed >"$work/shared/phase"
    echo "$cuts" >"$work/shared/cuts"
    qemu-img create -q -f qcow2 -b "$disk/root.raw" -F raw "$work/disk.qcow2"
    .venv/bin/python tests/vm/outside.py "$work" "$cuts" &
    helper=$!
    # shellcheck disable=SC2064
    trap "kill $helper 2>/dev/null; rm -rf '$work' '$said'" EXIT
    while [ ! -e "$work/shared/ended" ]; do
        base=$(date -u -d "2026-11-23T01:30:00 UTC + $((SECONDS - from)) seconds" +%Y-%m-%dT%H:%M:%S)
        rm -f "$work/cut"
        boot "installed:$words" "file=$work/disk.qcow2,format=qcow2" -rtc "base=$base,clock=vm" -pidfile "$work/pid" \
            -device virtio-vga -monitor "unix:$work/monitor,server,nowait" \
            -virtfs "local,path=$work/shared,mount_tag=shared,security_model=none" </dev/null |
            sed -u 's/\r$//' | tee -a "$said" || true
        # It ended by itself, or a power cut ended it and it is switched on again.
        [ -e "$work/cut" ] || break
    done
}

build
theirs=$(cat "$disk/python")
[ "$theirs" = "$ours" ] || stop "the machine has $theirs, .venv has $ours: make .venv with $theirs."
case $goal in
    build) ;;
    shell) boot shell "$thrown_away" -no-reboot ;;
    test | installed)
        from=$SECONDS
        said=$(mktemp)
        trap 'rm -f "$said"' EXIT
        words=$(base64 -w 0 <<<"$([ $# -eq 0 ] || printf '%q ' "$@")")
        # What the slow machine imports is compiled here: it sees this folder read only.
        .venv/bin/python -m compileall -q hallctl drivers screens tests || true
        if [ "$goal" = installed ]; then
            installed
        else
            boot "test:$words" "$thrown_away" -no-reboot </dev/null | sed -u 's/\r$//' | tee "$said" || true
        fi
        code=0
        told "$said" || code=$?
        echo "vm: $((SECONDS - from)) s in all."
        exit "$code"
        ;;
    *) stop "the goal is test, installed, build or shell, not '$goal'." ;;
esac
