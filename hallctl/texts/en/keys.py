"""What is said about keys of programs on other computers, in English."""

TEXTS: dict[str, str] = {
    "keys.not_made": "The hall has no keys yet ({folder}). Make them once: hallctl keys init",
    "keys.registry_missing": "{path} is gone: nobody gets in from the network. Restore it from a "
    "backup (keys revoked since must be revoked again), or run hallctl keys init and enrol every "
    "program anew",
    "keys.registry_damaged": "{path} is damaged: nobody gets in from the network. Restore it from "
    "a backup (keys revoked since must be revoked again), or move it away, run hallctl keys init "
    "and enrol every program anew",
    "keys.server_damaged": "{path} is damaged: the hall does not know its own key. Restore it "
    "from a backup, or move the folder away, run hallctl keys init and enrol every program anew",
    "keys.newer": "{path} was made by a newer hallctl: update the hallctl of this computer",
    "keys.unreadable": "{path} cannot be read: {problem}. Run this as the user it belongs to, or "
    "give it to this user with chown",
    "keys.unwritable": "{path} cannot be written: {problem}. See that the folder exists, belongs "
    "to this user (or use sudo) and that the disk is not full",
    "keys.open": "{path}: others may read or change it. Run chmod 600 on it; if somebody may have "
    "copied it, revoke that key and enrol a new one",
    "keys.busy": "{path}: another hallctl keys has been at work for long. See what it waits for, "
    "then try again",
    "keys.key_missing": "{path}: there is no such file. hallctl keys enrol writes it, on the "
    "hall's computer; bring it here",
    "keys.key_strange": "{path} is no key of hallctl; those end in .hallkey",
    "keys.key_damaged": "{path} is cut short or damaged: copy it anew; if it stays so, revoke this "
    "key and enrol a new one",
    "keys.key_without_secret": "{path} has no secret: write that of the program's own pair into it",
    "keys.key_known": "This key is enrolled already, as {name}",
    "keys.key_revoked": "This key was {name}'s and is revoked: it never counts again. Let the "
    "program draw a new pair",
    "keys.key_is_server": "This is the hall's own key; the program's own is needed",
    "keys.key_secret": "{path} holds a secret key, which must not leave its program. Give its "
    "public key",
    "keys.bad_key": "This is no public key: a file with one is needed, or the key itself (Z85, 40 "
    "characters)",
    "keys.bad_name": "A name is small letters, digits and hyphens, at most 32, such as window-3",
    "keys.bad_address": "An address is tcp://address:port as other computers reach this one, such "
    "as tcp://192.0.2.5:7700; * and 0.0.0.0 are nowhere to go to",
    "keys.bad_role": "Unknown role: {problem}",
    "keys.taken": "{name} is enrolled already, as {role}. Choose another name, or first: hallctl "
    "keys revoke {name}",
    "keys.unknown": "Nobody of this name is enrolled. There are: {known}",
    "keys.revoked_already": "This name is revoked already. Living ones: {known}",
    "keys.no_listen": "{path} does not say where the hall listens. Write into it: listen: "
    "ADDRESS:7700, or give --address tcp://ADDRESS:7700",
    "keys.listen_everywhere": "{path} lets the hall listen at every address ({listen}): say which "
    "one the others use: --address tcp://ADDRESS:{port}",
    "keys.bad_network": "{path} cannot be read; see hallctl check, or give --address\n{problems}",
    "keys.file_there": "{path} is there already and may be somebody's key. Move it away, or give "
    "--into another folder",
    "keys.file_failed": "{name} is revoked again: its key could not be written",
    "keys.made": "The hall's keys are made. Fingerprint: {fingerprint}",
    "keys.made_already": "The hall has its keys already, nothing was changed. Fingerprint: "
    "{fingerprint}",
    "keys.made_anew": "What {n} programs were enrolled with was for other keys: enrol them anew",
    "keys.silent": "Nothing listens on the network yet: {path} has no listen",
    "keys.enrolled": "{name} is enrolled as {role}. Fingerprint: {fingerprint}",
    "keys.written": "Its key: {path}. Bring it to that computer, then delete it here: who has this "
    "file is {name}",
    "keys.written_open": "{path} can be read by everybody on this computer or stick (its file "
    "system keeps no rights): delete it once it is copied",
    "keys.tell": "What the program must know:",
    "keys.tell_address": "address: {address}",
    "keys.tell_server": "hall's key: {server}",
    "keys.revoked": "{name} is revoked and gets in no more. Fingerprint: {fingerprint}",
    "keys.noted": "The running hall has taken note.",
    "keys.alone": "No hall is running; it applies from the next start on.",
    "keys.deaf": "The running hall has taken note, but does not listen on the network: write "
    "listen into network.yaml and start it anew; if it stands there, look at its log.",
    "keys.unasked": "A hall of an older hallctl is running, which was not asked: it does not know "
    "keys. Start it anew.",
    "keys.late": "A hall is running, but has not taken note within {s} s: look at its log, or "
    "start it anew",
    "keys.none": "Nobody is enrolled. Enrol with: hallctl keys enrol window-3 --role window:3",
    "keys.col_name": "name",
    "keys.col_role": "role",
    "keys.col_fingerprint": "fingerprint",
    "keys.col_since": "since",
    "keys.col_revoked": "revoked",
}
