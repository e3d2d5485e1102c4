"""What each command lets happen: events, or `Refused`. One file a subject; nothing changes here."""
