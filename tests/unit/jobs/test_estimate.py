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


def test_another_network_with_the_same_kind_of_work_tells_how_fast_the_machine_is(store, monkeypatch):
    monkeypatch.setattr(estimate, "slowness", lambda: 1.0)
    ended(store, "chollet-cnn", 1.2 * estimate.step_cost(RECIPES["chollet-cnn"]))
    recipe = RECIPES["dropout-cnn"]
    expected = estimate.STARTING + 1.2 * estimate.step_cost(recipe) * 469 * 6
    assert estimate.seconds(recipe, 60_000, store.list()) == pytest.approx(expected)


@pytest.mark.parametrize("other", RECIPES)
@pytest.mark.parametrize("times", [0.01, 100.0])
def test_no_run_of_another_network_doubles_or_halves_an_estimate(store, other, times):
    before = {name: estimate.seconds(recipe, 60_000, []) for name, recipe in RECIPES.items()}
    ended(store, other, times * estimate.step_cost(RECIPES[other]))
    for name, recipe in RECIPES.items():
        if estimate._cost_key(recipe) != estimate._cost_key(RECIPES[other]):
            assert 0.5 < estimate.seconds(recipe, 60_000, store.list()) / before[name] < 2


def test_a_run_of_dense_layers_tells_nothing_about_convolutions(store):
    ended(store, "mlp", 1.3 * estimate.step_cost(RECIPES["mlp"]))
    for name in ("fast", "chollet-cnn"):
        recipe = RECIPES[name]
        assert estimate.seconds(recipe, 60_000, store.list()) == estimate.seconds(recipe, 60_000, [])


def test_a_short_run_of_another_network_tells_nothing(store):
    ended(store, "sharp", 1.0, seconds=2.0)
    recipe = RECIPES["fast"]
    assert estimate.seconds(recipe, 60_000, store.list()) == estimate.seconds(recipe, 60_000, [])


def test_a_run_of_a_few_steps_tells_nothing_even_of_the_same_network(store):
    ended(store, "mlp", 0.2, seconds=2.0)
    recipe = RECIPES["mlp"]
    assert estimate.seconds(recipe, 60_000, store.list()) == estimate.seconds(recipe, 60_000, [])


def test_runs_that_ended_before_they_had_a_pace_do_not_count(store):
    ended(store, "mlp", None)
    store.create(RECIPES["mlp"])
    assert estimate.seconds(RECIPES["mlp"], 60_000, store.list()) == estimate.seconds(
        RECIPES["mlp"], 60_000, []
    )
