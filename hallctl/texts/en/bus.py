"""What the bus says to those it turns away: English."""

TEXTS = {
    "refused.unreadable": "Unreadable request: {problem}",
    "refused.version": "Protocol version {version} is not spoken here, but {versions}: update "
    "whichever of the two programs is older.",
    "refused.not_yours": "This key acts for {place} only ({command}).",
    "refused.too_fast": "Too many requests; try again in {wait_s} s.",
    "refused.revoked": "This key has been revoked; ask whoever runs the hall for a new one.",
}
