"""All sets of digit images: MNIST and its download, a stand-in, other handwriting, the visitors' own digits."""
