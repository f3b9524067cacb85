"""Names and limits of what is taken away and brought in. What reads files from outside imports little else."""

from mnist_core.recipes.network import MAX_LAYERS
from mnist_core.runs import weights

FORMAT, VERSION = "mnist-studio bundle", 1
MANIFEST = "manifest.json"
BROUGHT_IN = "brought-in"  # the name of a recipe that was made from the layers of somebody's model file
MOST_BYTES = 64_000_000  # of a bundle, and of any file from outside
MOST_COPIES = 2 * weights.MOST_EPOCHS  # of the weights, after as many epochs
_MOST_ARRAYS = 4 * MAX_LAYERS  # BatchNormalization has four
_OTHERS = 20  # members that are no arrays
MOST_MEMBERS = _MOST_ARRAYS * (1 + MOST_COPIES) + _OTHERS
