"""What a run does on the test set: figures, comparison, judgements, filters, files to download."""
