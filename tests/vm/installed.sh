#!/bin/sh
# The tests of an installed hall, as a service of the machine's own systemd, one phase after the other. The
# folder that scripts/vm.sh shares with us remembers which is next when the machine starts anew.
exec >/dev/ttyS1 2>&1 </dev/null
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
site=$(ls -d /srv/.venv/lib/python3*/site-packages)
export PYTHONPATH="/srv:/srv/tests:$site"
asked=$(sed 's/.*hallctl=installed:\([^ ]*\).*/\1/' /proc/cmdline)
shared=/run/hall-shared
mkdir -p $shared
mount -t 9p -o trans=virtio,version=9p2000.L,cache=none shared $shared
phase=$(cat $shared/phase)
echo "vm: $phase: systemd up after $(cut -d ' ' -f 1 /proc/uptime) s, Linux $(uname -r), $(date -u)"
cd /tmp || exit 1
code=$(cat $shared/code 2>/dev/null || echo 0)

# Plugins that these tests do not need would take a minute to load here.
tests() {
    file=/srv/tests/vm/test_$1.py
    eval "set -- $(echo "$asked" | base64 -d)"
    PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 HALLCTL_VM=$phase python3 -m pytest -c /srv/pyproject.toml --rootdir=/srv \
        -p no:cacheprovider -W ignore::pytest.PytestConfigWarning -v --no-header --color=no --durations=5 "$file" "$@"
    now=$?
    [ $now != 5 ] || now=0 # the arguments left nothing of this file
    [ $now = 0 ] || { code=$now; echo "$code" >$shared/code; journalctl --no-pager -n 60 -o cat -u 'hallctl*'; tail -n 80 /var/log/Xorg.0.log /run/user/*/Xorg* /var/lib/hallctl-screens/.local/share/xorg/* 2>/dev/null; ls -la /dev/dri /dev/tty7 /dev/input; loginctl --no-pager; }
}

ended() {
    echo "vm: pytest ended with $code"
    touch $shared/ended
    systemctl poweroff
    exit
}

# Until the power goes.
load() {
    echo cut >$shared/phase
    echo "vm: numbers are being given"
    python3 /srv/tests/vm/loading.py
    code=1
    ended
}

case $phase in
    installed)
        tests installed
        [ $code = 0 ] || ended
        tests screened
        echo restarted >$shared/phase
        echo "vm: the machine starts anew"
        systemctl reboot
        ;;
    restarted)
        tests restarted
        load
        ;;
    cut)
        tests cut
        [ "$(cat $shared/cuts)" = 0 ] || load
        tests removed
        ended
        ;;
esac
