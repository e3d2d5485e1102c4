"""Play a day under rules and staffing before they are switched on."""
