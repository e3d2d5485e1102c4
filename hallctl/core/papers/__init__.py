"""What stands on paper, as layout: tickets, lists, notices, tests. No printer's bytes here."""
