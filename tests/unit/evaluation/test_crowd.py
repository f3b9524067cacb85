import numpy as np

from mnist_core.evaluation.crowd import doubtful, votes


def test_the_votes_are_about_the_labels_that_mnist_has(mnist):
    found = votes(mnist)
    assert len(found) == 87
    assert all(mnist.test.labels[index] == row.label != row.other for index, row in found.items())
    assert all(row.for_label + row.for_other + row.for_neither == 5 for row in found.values())


def test_fifteen_labels_are_doubtful_as_published(mnist):
    assert len(doubtful(mnist)) == 15
    assert votes(mnist)[6651].is_doubtful and not votes(mnist)[247].is_doubtful


def test_without_mnist_there_are_no_votes(small):
    assert votes(small) == {} and votes(None) == {}
    assert np.array_equal(doubtful(small), [])
