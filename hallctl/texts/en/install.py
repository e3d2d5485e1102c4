"""What `hallctl install` and `hallctl health` say, in English."""

TEXTS: dict[str, str] = {
    # The steps, as they are listed before anything is done.
    "install.new": "write {at}",
    "install.renew": "renew {at}",
    "install.copy": "copy {source} to {at}",
    "install.keep": "{at} is there and the hall's own: it stays as it is",
    "install.enable": "start with the machine: {at}",
    "install.command": "the command hallctl: {at} leads to {source}",
    "install.remove": "remove {at}",
    "install.run_users": "make the users hallctl and hall-screen and the group hall ({at})",
    "install.run_folders": "make the folders of the state ({at})",
    "install.run_rules": "let udev read the new rules ({at})",
    "install.run_trigger": "name what is plugged in already by the new rules",
    "install.run_reload": "let systemd read its files again",
    "install.run_start": "start {at}",
    "install.run_restart": "restart {at} (the hall pauses for seconds, no number is lost)",
    "install.run_stop": "stop {at}",
    # Around them.
    "install.will": "This will be done:",
    "install.nothing": "Everything is so already: nothing to change.",
    "install.ask": "Do it now?",
    "install.untouched": "Nothing was changed.",
    "install.dry": "Only shown: nothing was changed.",
    "install.done": "Installed. How it is: systemctl status hallctl; how the hall is: hallctl "
    "health",
    "install.done_root": "The files are in {root}; systemd makes users and folders when it "
    "first starts.",
    "install.removed": "Uninstalled. /etc/hallctl and /var/lib/hallctl were left alone, the "
    "user hallctl too.",
    "install.needs_yes": "Nobody is here to answer: with --yes it is done without asking.",
    # Why not.
    "install.not_root": "This needs root: sudo {command} install",
    "install.no_systemd": "systemd does not run on this machine. For an image of a system: "
    "--root FOLDER",
    "install.no_root": "there is no folder {path}: --root wants one that is there",
    "install.no_program": "{path} is missing or cannot be run: install with the hallctl of the "
    "Python environment that is to stay",
    "install.bad_path": "{path}: blanks, quotes or per cent signs in a path are not for "
    "systemd; put hallctl into /opt/hallctl",
    "install.hidden": "{path} lies beneath {place}, which services do not see. Put hallctl into "
    "/opt/hallctl and install from there",
    "install.closed": "{path} is closed to others, so to the services' user. Put hallctl into "
    "/opt/hallctl, or chmod o+x {path}",
    "install.bad_name": "{path}: a screen's name has letters, digits, - and _ only; rename the "
    "file",
    "install.no_source": "hallctl's own file {path} is missing: this hallctl is not whole, "
    "install it anew",
    "install.no_hall": "there is no hall.yaml in {path}: --hall wants the folder of a hall's "
    "three files",
    "install.unwritable": "cannot write {path}: {problem}",
    "install.failed": "{command} failed: {said}; see journalctl -u hallctl -n 30, then install "
    "again: what is done is not done twice",
    # For a monitor.
    "health.well": "well: {hall}, {n} devices, event {seq}",
    "health.wants": "wants a person: {what}",
    "health.nobody": "nobody answers: {bus}",
    "health.closed": "cannot open {path}: {problem}",
    "health.backup": ", last backup {h} h ago",
    "health.backup_failed": "failed {h} h ago: {why}",
    "health.backup_late": "is {h} h old",
    "health.backup_never": "has not been made once in {h} h",
    "health.backup_mend": "see journalctl -u hallctl-backup -n 20; what it says mended, systemctl "
    "start hallctl-backup",
}
