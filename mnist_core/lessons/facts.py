"""The numbers of a run that lessons and the glossary may name, such as {lowest_val_loss:.4f}."""

from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.lessons.answer_facts import of_answers
from mnist_core.lessons.network_facts import of_network
from mnist_core.lessons.training_facts import of_epochs, of_result, of_steps
from mnist_core.recipes.recipe import SHIFTS, Augmentation, Recipe
from mnist_core.runs.run import Run

Fact = float | int | str
FACTS = {
    # the recipe
    "optimizer": "Keras's name, or momentum or nesterov",
    "learning_rate": "the highest one, if the schedule changes it",
    "schedule": "of the learning rate: constant, cosine or one-cycle",
    "batch_size": "images",
    "epochs_planned": "epochs of the recipe",
    "weight_decay": "0 for none",
    "label_smoothing": "0 for none",
    "ema_momentum": "of the moving average of the weights; 0 for none",
    "patience": "of early stopping, in epochs; 0 for none",
    "seed": "of all random numbers",
    "highest_input": "value of a white pixel in the network's input: 1 or, without scaling, 255",
    "shift": "of augmentation, at most, in pixels; 0 for none",
    "rotation": "of augmentation, at most, in degrees; 0 for none",
    "num_looks": "shifted copies of an image over which the model takes the mean; 1 for none",
    # the network (network_facts.py)
    "shapes": "of the input and all outputs, with arrows between them",
    "num_layers": "all layers, the output layer among them",
    "num_hidden_layers": "dense and convolution layers before the output layer",
    "num_dense": "dense layers, the output layer among them",
    "num_convolutions": "convolution layers",
    "num_pooling": "pooling layers of any kind",
    "num_dropout": "dropout layers",
    "num_batch_norm": "batch normalization layers",
    "num_relu": "layers with ReLU",
    "num_sigmoid": "layers with sigmoid",
    "activations": "of the hidden layers, each once; absent without hidden layers",
    "initialiser": "of the first layer that has weights",
    "num_parameters": "all of them, also those that are not trained",
    "num_trainable": "the parameters that are trained",
    "num_biases": "one for each filter and each unit",
    "num_weights": "the parameters of dense and convolution layers that are not biases",
    "num_multiplications": "by a weight, for one image",
    "num_output_inputs": "values that the output layer receives",
    "num_flattened": "numbers that the first Flatten puts in a row; absent without one",
    "first_filters": "filters of the first convolution layer; absent without one, like the next four",
    "first_kernel": "side of their kernels",
    "first_stride": "their stride",
    "first_padding": "same or valid",
    "first_map": "side of its feature maps",
    "receptive_field": "side of the part of the image that a value of the last feature map sees",
    "pool_before": "side of the first pooling layer's input; absent without one, like the next",
    "pool_after": "side of its output",
    # the training (training_facts.py)
    "epochs": "completed epochs",
    "steps": "steps done",
    "steps_per_epoch": "steps of one epoch",
    "warmup_steps": "in which a one-cycle schedule raises the learning rate; absent for other schedules",
    "seconds": "of training",
    "first_loss": "mean training loss of the first epoch, comparable with val_loss; absent, like the next, "
    "where an earlier version kept only the loss with label smoothing, as in the starter",
    "last_loss": "mean training loss of the last completed epoch",
    "first_accuracy": "mean training accuracy of the first epoch",
    "last_accuracy": "mean training accuracy of the last completed epoch",
    "lowest_val_loss": "lowest val_loss; absent without validation, like the next five",
    "lowest_epoch": "the epoch after which it was lowest",
    "last_val_loss": "after the last completed epoch",
    "best_val_accuracy": "highest val_accuracy",
    "best_epoch": "the first epoch after which it was highest",
    "last_val_accuracy": "after the last completed epoch",
    # the result of a finished run (training_facts.py)
    "precision": "in which it was trained: float32 or bfloat16",
    "temperature": "by which the logits were divided; 1 where nothing was changed",
    "test_accuracy": "0..1",
    "test_loss": "cross-entropy",
    "num_training_images": "of MNIST, without those held out or added; absent with stand-in digits",
    "num_validation_images": "absent with stand-in digits or without validation",
    # its answers on the test set (answer_facts.py); absent without an evaluation
    "num_test_images": "all test images",
    "num_errors": "test images that it gets wrong",
    "interval_low": "lower end of the 95 % interval of the test accuracy",
    "interval_high": "its upper end",
    "mean_confidence": "of all answers",
    "calibration_error": "expected calibration error, 0..1",
    "confused_digit": "true digit of the most frequent confusion; absent without errors, like the next two",
    "confused_answer": "the digit as which it was read",
    "confused_count": "how often",
    "sure_error": "index of the wrong answer with the highest confidence; absent without errors, "
    "like the next three",
    "sure_error_label": "its true digit",
    "sure_error_answer": "the digit that was answered",
    "sure_error_confidence": "the confidence in it",
    "doubtful": "index of the test image whose two highest probabilities differ least",
    "doubtful_label": "its true digit",
    "doubtful_label_probability": "the probability of its true digit",
    "doubtful_loss": "its cross-entropy",
    "doubtful_first": "the digit with the highest probability",
    "doubtful_first_probability": "this probability",
    "doubtful_second": "the digit with the second highest one",
    "doubtful_second_probability": "this probability",
    "hard_digit": "the digit with the lowest F1 among those that occur",
    "hard_precision": "its precision",
    "hard_recall": "its recall",
    "hard_f1": "its F1",
    "hard_true_positives": "its images that were read correctly",
    "hard_false_positives": "other images that were read as this digit",
    "hard_false_negatives": "its images that were read as another digit",
}


def facts(run: Run, evaluation: Evaluation | None = None) -> dict[str, Fact]:
    """The facts of the run that can be had, by the names in FACTS; a loss that is not finite is absent.

    `evaluation` holds its answers on the test set. RunError if the run's recipe cannot be read.
    """
    recipe, rows, result = run.recipe, run.metrics(), run.result
    return {
        **_of_recipe(recipe),
        **of_network(recipe.layers),
        **of_steps(recipe, rows),
        **of_epochs(recipe, [row for row in rows if "end" in row]),
        **of_result(recipe, result or {}),
        **(of_answers(evaluation) if evaluation else {}),
    }


def _of_recipe(recipe: Recipe) -> dict[str, Fact]:
    augmentation = recipe.augmentation or Augmentation()
    as_they_are = ("optimizer", "learning_rate", "schedule", "batch_size", "weight_decay", "label_smoothing")
    return {
        **{name: getattr(recipe, name) for name in (*as_they_are, "ema_momentum", "patience", "seed")},
        "epochs_planned": recipe.epochs,
        "highest_input": 1 if recipe.scaling else 255,
        "shift": augmentation.shift,
        "rotation": augmentation.rotation,
        "num_looks": len(SHIFTS) if recipe.test_time_shifts else 1,
    }
