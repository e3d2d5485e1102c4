"""The sound of the voice: clips, how they are put together, levelled, made and played."""
