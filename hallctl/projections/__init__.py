"""What the journal tells when it is read from its beginning: pure folds, no file, no clock."""
