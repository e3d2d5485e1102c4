#!/bin/sh
# With `installed` a real systemd takes over, and installed.sh runs as one of its services. Else this is
# the machine's only program besides udev: readies the USB gadgets, runs tests/vm, switches off.
# What it prints on ttyS1 is what `make test-vm` prints. See scripts/vm.sh.
case $(cat /proc/cmdline) in *hallctl=installed:*)
    bed=/run/systemd/system
    mount -t tmpfs run /run
    mkdir -p $bed/multi-user.target.wants
    cp /srv/tests/vm/hallctl-bed.service $bed/
    ln -s ../hallctl-bed.service $bed/multi-user.target.wants/
    exec /lib/systemd/systemd
    ;;
esac
exec >/dev/ttyS1 2>&1 </dev/ttyS1
export PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/tmp LANG=C.UTF-8
mount -t tmpfs tmp /tmp
mount -t tmpfs run /run
mount -t configfs config /sys/kernel/config 2>/dev/null || { modprobe configfs; mount -t configfs config /sys/kernel/config; }
mkdir -p /dev/pts && mount -t devpts pts /dev/pts
ip link set lo up

# Real udev with our rules: the names it gives are what is tested.
cp /srv/systemd/60-hallctl.rules /etc/udev/rules.d/
/lib/systemd/systemd-udevd --daemon
udevadm trigger --action=add
modprobe -a libcomposite usb_f_hid usb_f_printer usb_f_acm usblp usbhid hid_generic evdev cdc_acm
modprobe dummy_hcd num=8
udevadm settle

cd /tmp || exit 1
site=$(ls -d /srv/.venv/lib/python3*/site-packages)
export PYTHONPATH="/srv:/srv/tests:$site" PYTHONDONTWRITEBYTECODE=1 HALLCTL_VM=1
asked=$(sed 's/.*hallctl=\([^ ]*\).*/\1/' /proc/cmdline) # with `test:` pytest's arguments, quoted, in base64
case $asked in
    shell) setsid -c sh -i ;;
    test:*)
        echo "vm: up after $(cut -d ' ' -f 1 /proc/uptime) s, Linux $(uname -r)"
        eval "set -- $(echo "${asked#test:}" | base64 -d)"
        python3 -m pytest -c /srv/pyproject.toml --rootdir=/srv -p no:cacheprovider -v /srv/tests/vm "$@"
        echo "vm: pytest ended with $?"
        ;;
esac
sync
echo o >/proc/sysrq-trigger
sleep 10
