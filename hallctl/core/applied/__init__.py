"""How each event changes the hall: one function an event, no decisions."""
