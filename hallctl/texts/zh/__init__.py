"""Chinese (zh-Hans): one file a room of the house, the same files and keys in every language."""
