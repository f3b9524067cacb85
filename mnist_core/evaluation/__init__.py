"""A run's results on the test set: metrics, comparison, judgements, filters, files to download."""
