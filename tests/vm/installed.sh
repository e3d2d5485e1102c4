#!/bin/sh
# The tests of an installed hall, as a service of the machine's own systemd: first test_installed.py;
# then the machine starts anew, by itself, and test_restarted.py finds what came back.
exec >/dev/ttyS1 2>&1 </dev/null
export PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8 PYTHONDONTWRITEBYTECODE=1
site=$(ls -d /srv/.venv/lib/python3*/site-packages)
export PYTHONPATH="/srv:/srv/tests:$site"
asked=$(sed 's/.*hallctl=installed:\([^ ]*\).*/\1/' /proc/cmdline)
eval "set -- $(echo "$asked" | base64 -d)"
phase=installed
[ ! -e /etc/hallctl/hall.yaml ] || phase=restarted
echo "vm: $phase: systemd up after $(cut -d ' ' -f 1 /proc/uptime) s, Linux $(uname -r), $(date -u)"
cd /tmp || exit 1
# Plugins that these tests do not need would take a minute to load here.
PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 HALLCTL_VM=$phase python3 -m pytest -c /srv/pyproject.toml --rootdir=/srv -p no:cacheprovider -v \
    "/srv/tests/vm/test_$phase.py" "$@"
code=$?
if [ $phase = installed ] && [ $code = 0 ]; then
    echo "vm: the machine starts anew"
    systemctl reboot
    exit
fi
[ $code = 0 ] || journalctl --no-pager -n 60 -o cat -u 'hallctl*'
echo "vm: pytest ended with $code"
systemctl poweroff
