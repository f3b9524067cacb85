import pytest

from mnist_core.recipes.published import HISTORIES
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.axes import limits, widest


def points(*values, begin=1.0):
    return [
        {"epoch": begin + i / 10, "loss": loss, "accuracy": accuracy}
        for i, (loss, accuracy) in enumerate(values)
    ]


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=RECIPES)
def test_the_axes_of_a_recipe_hold_guessing_and_all_that_was_published(recipe):
    ranges = limits(recipe.published, [])
    low, high = ranges["loss"]
    assert low < 0.01 and high > 2.303
    published = recipe.published.accuracies if recipe.published else ()
    assert all(ranges["accuracy"][0] <= accuracy <= 1 for _, accuracy in published)


def test_the_axes_do_not_depend_on_how_far_a_run_has_come():
    rising = [(2.3 * 0.9**i, 1 - 0.09 * 0.9**i) for i in range(30)]
    assert {str(limits(None, points(*rising[:n]))) for n in range(31)} == {str(limits(None, []))}


def test_what_a_run_does_in_its_first_half_epoch_may_lie_outside():
    assert limits(None, points((400.0, 0.1), begin=0.2)) == limits(None, [])


def test_a_run_that_leaves_the_axes_has_wider_ones_from_then_on():
    gone = points((0.5, 0.9), (45.0, 0.3), (0.5, 0.9))
    assert limits(None, gone) == {"loss": (0.005, 300.0), "accuracy": (0.0, 1.0)}
    assert limits(None, points((0.0007, 0.999)))["loss"] == (pytest.approx(0.0005), 3.0)
    assert limits(None, points((0.0, 1.0)))["loss"][0] < 1e-5, "a loss of 0 has no place on this axis"


@pytest.mark.parametrize("name", HISTORIES)
def test_all_that_a_tutorial_printed_is_on_the_axes(name):
    history, recipe = HISTORIES[name], RECIPES[name]
    (low, high), (lower, upper) = limits(recipe.published, [], history).values()
    assert all(low <= loss <= high for loss in (*history.loss, *history.val_loss))
    assert all(lower <= value <= upper for value in (*history.accuracy, *history.val_accuracy))


def test_the_loss_axis_is_narrow_where_the_printed_losses_are_and_widens_for_a_run_that_goes_lower():
    history = HISTORIES["softmax"]
    assert limits(None, [], history)["loss"] == (0.2, 3.0)
    assert limits(None, points((0.15, 0.9)), history)["loss"] == (pytest.approx(0.02), 3.0)
    assert limits(None, [], HISTORIES["mlp"])["loss"] == (0.005, 3.0)


def test_several_runs_share_the_widest_axes():
    one, other = limits(RECIPES["tuning-d"].published, []), limits(None, points((9.0, 0.95)))
    assert widest([one, other]) == {"loss": (0.005, 30.0), "accuracy": (0.0, 1.0)}
