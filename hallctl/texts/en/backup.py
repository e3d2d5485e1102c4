"""What is said about backups of the journal, in English."""

TEXTS: dict[str, str] = {
    "backup.no_file": "There is no such file: {path}",
    "backup.no_journal": "{path} is no journal and no backup of one ({problem})",
    "backup.newer": "{path} was made by a newer hallctl: update the hallctl of this computer",
    "backup.unreadable": "{path} cannot be read to its end: {problem}. If it is a backup, take an "
    "older one; if it is the journal itself, see hallctl journal verify",
    "backup.damaged": "{path} is damaged: {problem}",
    "backup.missing": "{path} lacks event {seq}",
    "backup.changed": "{path}: event {seq} was changed after it was written, or the medium is bad",
    "backup.numbers_gone": "{path} lacks the numbers of {n} tickets",
    "backup.behind": "{path} ends at event {seq}, but event {mark} was durable once: the journal "
    "has lost its end, and of such a one no backup is made. See hallctl journal verify",
    "backup.copy_wrong": "No backup was made, it did not verify: {problem}. See hallctl journal "
    "verify first; if the journal is sound, the medium is bad: take another",
    "backup.disk_full": "The disk of {folder} is full. Nothing half-written is left, and what was "
    "there is there. Make room and try again, or take another place",
    "backup.unwritable": "{folder} cannot be written: {problem}. Nothing half-written is left, and "
    "what was there is there",
    "backup.no_folder": "There is no such folder: {folder}. Is the stick plugged in and mounted?",
    "backup.busy": "Another hallctl backup is writing into {folder}. Try again when it is done",
    "backup.kept": "The backup is made: {file}. But an older one could not be deleted: {problem}",
    "backup.empty": "{path} holds not one event: there is nothing to restore",
    "backup.preprinted_label": "'{label}' is pre-printed and was not given by the hall; write the "
    "last number that a kiosk gave.",
    "backup.bad_label": "'{label}' is no number of a ticket. Write it like A057; the hall's queues "
    "are: {known}",
    "backup.half_way": "The restore counts, but could not be carried out to its end: {problem}. "
    "Touch nothing in {folder}; mend it and run this again, or start the hall, which first does "
    "the rest",
    "backup.no_day": "The journal has no day {day}; it has: {known}",
    "backup.which_day": "Which day: a date (2026-11-24), today, or --all",
    "backup.made": "The backup is made and every event of it verified: {file}",
    "backup.made_of": "{hall}, {day}, up to event {seq} ({at}), {tickets} tickets, {kib} KiB, in "
    "{s} s",
    "backup.thinned": "{n} older backups deleted (the newest {keep} are kept)",
    "backup.same_disk": "It lies on the journal's own disk and goes when that goes: copy it "
    "elsewhere, or give --into",
    "backup.file_open": "This file system keeps no rights: who has the stick can read it. Keep it "
    "locked away",
    "backup.holds": "Backup: {hall}, {day}, up to event {seq} ({at}), {tickets} tickets, every "
    "event verified",
    "backup.present_none": "There is no journal here now",
    "backup.present_bad": "The present journal cannot be read: {problem}",
    "backup.present": "Present journal: {hall}, {day}, up to event {seq} ({at})",
    "backup.foreign": "The two have not one event in common: this is no backup of that journal",
    "backup.lost": "{n} events are not in the backup, {from_at} to {to_at}: after the restore the "
    "hall does not know them",
    "backup.nothing_lost": "The present journal has no event that the backup lacks",
    "backup.beyond": "On paper, and unknown to the backup: {labels}. Who holds one of these takes "
    "a new number; tell the guide desk",
    "backup.beyond_none": "No number is on paper that the backup does not know",
    "backup.unknown_paper": "There is no high-water file here: which numbers were given after the "
    "backup nobody knows. Look at the last ticket and say --above A057 (once for each queue)",
    "backup.go_above": "Numbers of {day} go on above {labels}",
    "backup.would": "That is what a restore would do. Nothing was changed",
    "backup.running": "The hall is running (process {pid}). Stop it before the restore",
    "backup.in_use": "The hall is running, so nothing is restored: {problem}",
    "backup.journal": "The journal: {problem}",
    "backup.restored": "Restored: a new epoch begins with event {seq}. Start the hall, which will "
    "say so",
    "backup.aside": "The journal that was here is in {folder}, as it was. To go back: hallctl "
    "restore {folder}/journal.db",
    "backup.exported": "{events} events: {events_file}\n{visits} tickets: {visits_file}",
    "backup.purged": "Deleted, from before {before}:",
    "backup.would_purge": "Would be deleted, from before {before} (nothing was changed):",
    "backup.purge_nothing": "From before {before} there is nothing to delete",
    "backup.purge_key": "the card key of {day}: from now on that day's hashes lead to nobody",
    "backup.hashes_none": "The journal holds no hash of a card",
    "backup.hashes": "{n} events of the journal hold the hash of a card, on {days} days. No card "
    "number, no name. With a key that is still kept (today's) could be compared: {live}",
    "backup.epoch_restore": "This hall was restored from a backup and a new epoch has begun; "
    "numbers go on above: {numbers}",
    "backup.epoch_loss": "The journal has lost events and a new epoch has begun; numbers go on "
    "above: {numbers}",
}
