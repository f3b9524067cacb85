"""Every set of digit images: MNIST, its download and stand-in, forms that MNIST lacks, the visitors' own."""
