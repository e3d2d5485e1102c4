#!/usr/bin/env bash
# README as a new user, in a clean system: scripts/test_distros.sh [bookworm|trixie|noble] [run|setup|poor]
# Makes the system with debootstrap (root needed), copies the repository's files into it, then
#   run    `make run` there on a terminal, opens the page, presses Ctrl-C, twice
#   setup  `make setup` only, twice
#   poor   `make setup` by a user without root or sudo, first without python3-venv, then with it
#
# No address stands here. The mirror is the one this machine's apt uses; another one (needed for a
# distribution that this machine does not run) comes in HALLCTL_MIRROR. pip inside finds its index
# as pip outside does: its system-wide configuration and PIP_* are handed in.
set -euo pipefail
cd "$(dirname "$0")/.."
release=${1:-bookworm}
goal=${2:-run}

stop() { printf 'test_distros: %s\n' "$*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || stop "debootstrap and chroot need root."
command -v debootstrap >/dev/null || stop "apt-get install debootstrap first."

components=main
case $release in
    bookworm | trixie) family=debian ;;
    noble) family=ubuntu components=main,universe ;;
    *) stop "I know bookworm, trixie and noble, not '$release'." ;;
esac
apt_mirror() {
    find /etc/apt -name sources.list -o -name '*.sources' -o -name '*.list' | sort | xargs cat |
        sed -n 's/^URIs: *\([^ ]*\).*/\1/p; s/^deb \(\[[^]]*\] \)\{0,1\}\([^ ]*\) .*/\2/p' | sed -n 1p
}
mirror=${HALLCTL_MIRROR:-}
if [ -z "$mirror" ] && (. /etc/os-release && [ "$ID" = "$family" ]); then mirror=$(apt_mirror); fi
[ -n "$mirror" ] || stop "say where $family lies: HALLCTL_MIRROR=..."

root=$(mktemp -d "/var/tmp/hallctl-$release-XXXXXX")
chmod 755 "$root"
tidy_up() {
    local code=$? where
    # First what still runs in there, then the mounts (the last one first), then the files.
    for where in /proc/[0-9]*; do
        if [ "$(readlink "$where/root" 2>/dev/null)" = "$root" ]; then kill -9 "${where#/proc/}" 2>/dev/null || true; fi
    done
    sleep 1
    { grep " $root/" /proc/self/mounts || true; } | cut -d ' ' -f 2 | sort -r | while read -r where; do umount -l "$where"; done
    # Never through a mount that stayed: --one-file-system.
    rm -rf --one-file-system "$root"
    exit $code
}
trap tidy_up EXIT
trap 'exit 130' INT TERM

echo "Making a clean $release in $root ..."
debootstrap --variant=minbase --components="$components" --include=python3,make,ca-certificates "$release" "$root" "$mirror" >"$root.log" 2>&1 ||
    { tail -n 5 "$root.log"; stop "debootstrap failed; see $root.log"; }
rm -f "$root.log"
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys" && mount --make-rslave "$root/sys"
mount -t tmpfs -o mode=755 tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,ptmxmode=0666,mode=620 devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
for node in null zero full random urandom tty; do touch "$root/dev/$node"; mount --bind "/dev/$node" "$root/dev/$node"; done
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"

cp /etc/resolv.conf "$root/etc/resolv.conf"
cp -L /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"
for each in /etc/pip.conf /etc/xdg/pip; do
    if [ -e "$each" ]; then mkdir -p "$root$(dirname "$each")"; cp -r "$each" "$root$each"; fi
done
inside=(env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/home LANG=C.UTF-8 TERM=dumb)
while read -r each; do inside+=("$each"); done < <(env | grep -E '^PIP_[A-Z_]*=' || true)

mkdir "$root/srv/hallctl"
# What is here now: a file that was deleted and not yet committed is none.
git ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' each; do if [ -e "$each" ]; then printf '%s\0' "$each"; fi; done |
    tar --null -T - -cf - | tar -xf - -C "$root/srv/hallctl"

from=$SECONDS
case $goal in
    setup) chroot "$root" "${inside[@]}" sh -c 'cd /srv/hallctl && make setup && make setup && .venv/bin/hallctl --help' ;;
    run) chroot "$root" "${inside[@]}" sh -c 'cd /srv/hallctl && exec python3 scripts/first_time.py' ;;
    poor)
        user=(chroot "$root" setpriv --reuid=65534 --regid=65534 --clear-groups "${inside[@]}" HOME=/srv)
        chown -R 65534:65534 "$root/srv"
        words=$("${user[@]}" sh -c 'cd /srv/hallctl && make setup' 2>&1) && stop "without python3-venv it cannot succeed."
        echo "$words"
        grep -q '^setup: .*apt-get install python3-venv' <<<"$words" || stop "it does not say what to do."
        chroot "$root" "${inside[@]}" sh -c 'apt-get update -qq && apt-get install -y -qq --no-install-recommends python3-venv' >/dev/null 2>&1
        "${user[@]}" sh -c 'cd /srv/hallctl && make setup'
        # Without fonts, voice and compiler the desk opens all the same.
        words=$("${user[@]}" sh -c 'cd /srv/hallctl && timeout --preserve-status -s INT 30 .venv/bin/hallctl desk' 2>&1 </dev/null)
        echo "$words"
        grep -q 'http://127.0.0.1:' <<<"$words" || stop "the desk did not open."
        ;;
    *) stop "the goal is run, setup or poor, not '$goal'." ;;
esac
echo "test_distros: $release, make $goal: well, $((SECONDS - from)) s from the first command."
