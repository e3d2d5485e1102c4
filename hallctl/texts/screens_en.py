"""What the screens of the hall say beyond `en.py`: English."""

TEXTS = {
    # Everybody must leave: the same page on every screen.
    "leave.title": "Leave now",
    "leave.sub": "Take the nearest exit. Do not use the lift.",
    "leave.more": "Follow the staff. Leave your things.",
    # The hall's board.
    "hall.calling": "Now calling",
    "hall.more_calls": "{n} more just called",
}
