"""The Gallery as a script, without a browser: what it shows and what its widgets do."""

import numpy as np

from mnist_core.data import sources
from mnist_core.evaluation.selection import Selection
from tests.ui.conftest import ended_run, open_page, words


def run_with_errors(store):
    """A run that reads five fours as nines, and everything else correctly."""
    test = sources.load().test
    answers = np.full((300, 10), 0.01)
    answers[np.arange(300), test.labels] = 0.91
    answers[np.flatnonzero(test.labels == 4)[:5]] = np.eye(10)[9]
    return ended_run(store, answers, test.labels)


def test_the_gallery_shows_the_errors_that_pass_the_filters(store):
    app = open_page("gallery", chosen_run=run_with_errors(store).id)
    assert [metric.value for metric in app.metric][:2] == ["98.33%", "5"]
    assert "95% interval: 96.16% to 99.29%" in words(app)
    assert "1 to 5 of 5 errors" in words(app)
    app.selectbox(key="Selection-true").set_value(3).run()
    assert "No image matches these filters" in words(app)
    app.button(key="reset").click().run()
    assert "1 to 5 of 5 errors" in words(app)
    app.button(key="pair-4-9").click().run()
    assert app.selectbox(key="Selection-predicted").value == 9 and "1 to 5 of 5 errors" in words(app)


def test_precision_and_recall_are_explained_with_the_runs_own_numbers(store):
    run = run_with_errors(store)
    num_nines = int((sources.load().test.labels == 9).sum())
    app = open_page("gallery", chosen_run=run.id, Selection=Selection(view="digits"))
    app.segmented_control(key="explained").set_value(9).run()
    said = words(app)
    assert f"of the {num_nines + 5} images that the model read as 9, {num_nines} show a 9" in said
    app.button(key="false-positives").click().run()
    assert "1 to 5 of 5 errors" in words(app)


def test_saying_not_sure_is_counted_and_its_images_are_shown(store):
    app = open_page("gallery", chosen_run=run_with_errors(store).id, Selection=Selection(view="confidence"))
    app.slider(key="threshold").set_value(95).run()
    assert "**0 of 5 errors** would be avoided, and 295 right answers would be lost" in words(app)
    app.button(key="show-unsure").click().run()
    assert "1 to 24 of 295 images" in words(app)


def test_two_runs_are_compared_in_words_and_their_images_shown(store):
    first, test = run_with_errors(store), sources.load().test
    second = ended_run(store, np.eye(10)[test.labels], test.labels)
    app = open_page("gallery", chosen_run=first.id)
    app.selectbox(key="other-run").set_value(second.id).run()
    assert app.segmented_control(key="Selection-view").value == "compare"
    assert "correctly, only :orange[**2 · Softmax regression · 100.00%**] **5**" in words(app)
    assert "6.2% of such comparisons (McNemar's exact test)" in words(app)
    assert "**The difference may be chance: it does not show that one of them is better.**" in words(app)
    app.button(key="versus-fixed").click().run()
    assert "1 to 5 of 5 images" in words(app)
    app.selectbox(key="other-run").set_value("starter").run()
    assert "The two runs were tested on different images" in words(app)


def test_a_run_without_a_map_offers_to_make_one(store):
    app = open_page("gallery", chosen_run=run_with_errors(store).id, Selection=Selection(view="map"))
    assert app.button(key="make-map").label == "Make the map" and not app.exception


def test_a_perfect_run_gets_a_friendly_word(store):
    test = sources.load().test
    run = ended_run(store, np.eye(10)[test.labels], test.labels)
    assert "There is no error in 300 test images" in words(open_page("gallery", chosen_run=run.id))


def test_a_run_tested_on_other_images_says_so_instead_of_showing_wrong_ones():
    assert "tested on a different set of images" in words(open_page("gallery", chosen_run="starter"))


def test_a_run_whose_results_are_damaged_says_what_to_do(store):
    test = sources.load().test
    run = ended_run(store, np.eye(10)[test.labels], test.labels)
    run.evaluation_path.write_bytes(b"damaged")
    assert "train the recipe again" in words(open_page("gallery", chosen_run=run.id))


def test_a_run_that_is_gone_falls_back_to_the_starter():
    app = open_page("gallery", chosen_run="20200101-000000000-gone-0000")
    assert app.selectbox(key="chosen-run").value == "starter"
