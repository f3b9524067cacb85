import pytest

from mnist_core.files import write_json
from mnist_core.jobs import estimate
from mnist_core.recipes.table import RECIPES


def ended(store, name, seconds_per_step, seconds=10.0):
    run = store.create(RECIPES[name])
    result = {"status": "finished", "seconds_per_step": seconds_per_step, "seconds": seconds}
    write_json(run.folder / "result.json", result)


@pytest.mark.parametrize("name", RECIPES)
def test_every_recipe_has_a_time_between_a_second_and_an_hour(name):
    assert 1 < estimate.seconds(RECIPES[name], 60_000, []) < 3600


def test_the_same_network_trained_here_before_is_the_answer(store):
    ended(store, "mlp", 0.001)
    expected = estimate.STARTING + 0.001 * 1875 * 20
    assert estimate.seconds(RECIPES["mlp"], 60_000, store.list()) == pytest.approx(expected)


def test_another_network_trained_here_tells_how_fast_the_machine_is(store):
    ended(store, "chollet-cnn", 2 * estimate.step_cost(RECIPES["chollet-cnn"]))
    recipe = RECIPES["dropout-cnn"]
    expected = estimate.STARTING + 2 * estimate.step_cost(recipe) * 469 * 6
    assert estimate.seconds(recipe, 60_000, store.list()) == pytest.approx(expected)


def test_a_short_run_of_another_network_tells_nothing(store):
    ended(store, "softmax", 1.0, seconds=2.0)
    recipe = RECIPES["best"]
    assert estimate.seconds(recipe, 60_000, store.list()) == estimate.seconds(recipe, 60_000, [])


def test_runs_that_ended_before_they_had_a_pace_do_not_count(store):
    ended(store, "mlp", None)
    store.create(RECIPES["mlp"])
    assert estimate.seconds(RECIPES["mlp"], 60_000, store.list()) == estimate.seconds(
        RECIPES["mlp"], 60_000, []
    )
