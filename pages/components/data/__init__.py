"""The data set itself: the four arrays, and how many images of each digit there are."""
