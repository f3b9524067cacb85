import pytest

from mnist_core.visitors.discretion import for_visitors


def test_of_a_traceback_only_the_error_remains():
    log = (
        "fast: 60,000 images from MNIST\n"
        "Traceback (most recent call last):\n"
        '  File "/opt/mnist-studio/mnist_core/train.py", line 3, in main\n'
        "    read(x)\n"
        "ValueError: /srv/home/runs/20261127-x/recipe.json is damaged\n"
        "The training process ended with exit status 1."
    )
    assert for_visitors(log) == (
        "fast: 60,000 images from MNIST\n"
        "ValueError: recipe.json is damaged\n"
        "The training process ended with exit status 1."
    )


@pytest.mark.parametrize(
    "said, shown",
    [
        ("From /data/mnist.", "From mnist."),
        ("MNIST_DIR: /data/our own/mnist holds neither", "MNIST_DIR: our own/mnist holds neither"),
        (r"C:\Users\ada\var\runs: no", "runs: no"),
        ("epoch 1/5 took 3.1 s/epoch, and/or 28/28", "epoch 1/5 took 3.1 s/epoch, and/or 28/28"),
        ("see https://www.example.org/a/b", "see https://www.example.org/a/b"),
    ],
)
def test_of_a_path_only_the_name_remains(said, shown):
    assert for_visitors(said) == shown
