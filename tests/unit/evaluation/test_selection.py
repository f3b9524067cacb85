import numpy as np
import pytest

from mnist_core.data.browse import Browse
from mnist_core.evaluation.comparison import Comparison
from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.evaluation.selection import FILTERS, Material, Selection

SET = Selection(
    view="map",
    show="all",
    true=4,
    predicted=9,
    low=0.25,
    high=0.9,
    judged="label",
    versus="fixed",
    box=(-0.5, 0.25, -1.0, 0.125),
    points=(3, 9999),
    order="margin",
    size=48,
    page=2,
)


@pytest.mark.parametrize("settings", [SET, Selection(), Browse("test", 4, "random", 100, 15, 7), Browse()])
def test_settings_go_through_an_address_and_back(settings):
    assert type(settings).from_address(settings.to_address()) == (settings, ())


@pytest.mark.parametrize("kind", [Selection, Browse])
def test_default_values_are_not_in_the_address(kind):
    assert kind().to_address() == {}
    assert set(kind.PARAMETERS) == {*kind.__dataclass_fields__} - {"PARAMETERS"}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("true", "10"),
        ("true", "four"),
        ("as", "-1"),
        ("from", "nan"),
        ("to", "2"),
        ("view", "everything"),
        ("order", "loss; drop table"),
        ("size", "100000"),
        ("page", "0"),
        ("box", "1,2"),
        ("box", "0,0,nan,inf"),
        ("box", "0.5,-0.5,0,1"),
        ("points", "1,x"),
        ("points", ",".join("1" * 500)),
        ("judged", ""),
    ],
)
def test_an_absurd_value_falls_back_to_the_default_and_is_named(name, text):
    assert Selection.from_address({name: text, "run": "starter"}) == (Selection(), (name,))


def test_a_range_the_wrong_way_round_is_put_right():
    assert Selection(low=0.9, high=0.2).confidence == (0.2, 0.9)


def find(selection: Selection, said: dict[int, str]) -> list[int]:
    points = np.array([[0.0, 0.0], [0.5, 0.5], [0.6, 0.6], [-0.5, 0.5]])
    labels, eye = np.array([1, 2, 3, 4], np.uint8), np.eye(10, dtype=np.float32)
    first, second = Evaluation(eye[[1, 0, 0, 4]], labels), Evaluation(eye[[1, 2, 0, 0]], labels)
    material = Material(first, points, Comparison(first, second), np.array([1, 2]), said)
    return selection.find(material).tolist()


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, [0, 1, 2, 3]),
        ({"true": 3}, [2]),
        ({"predicted": 0}, [1, 2]),
        ({"true": 3, "predicted": 4}, []),
        ({"box": (0.4, 0.7, 0.4, 0.7)}, [1, 2]),
        ({"points": (3,)}, [3]),
        ({"versus": "fixed"}, [1]),
        ({"versus": "brought"}, [3]),
        ({"versus": "both"}, [2]),
        ({"judged": "crowd"}, [1, 2]),
        ({"judged": "label"}, [2]),
        ({"judged": "none"}, [0, 1]),
        ({"judged": "crowd", "versus": "both", "box": (0.4, 0.7, 0.4, 0.7)}, [2]),
        ({"judged": "nobody"}, []),
    ],
)
def test_filters_narrow_each_other(settings, expected):
    assert find(Selection(show="all", order="index", **settings), {2: "label", 3: "model"}) == expected


def test_errors_alone_are_shown_at_first():
    assert sorted(find(Selection(), {})) == [1, 2]


@pytest.mark.parametrize("name", FILTERS)
def test_every_filter_is_a_setting_and_each_of_its_choices_can_be_found(name):
    for choice in FILTERS[name].choices:
        settings = Selection(show="all", **{name: choice})
        assert Selection.from_address(settings.to_address()) == (settings, ())
        if name in ("judged", "versus"):  # all of their choices occur among the four images
            assert 0 < len(find(settings, {1: "label", 2: "model", 3: "nobody"})) < 4


def test_without_a_map_or_another_run_nothing_is_filtered_by_these():
    answers = Evaluation(np.eye(10, dtype=np.float32)[:3], np.arange(3, dtype=np.uint8))
    settings = Selection(show="all", versus="fixed", box=(0.4, 0.7, 0.4, 0.7))
    assert len(settings.find(Material(answers, None, None, np.array([]), {}))) == 3
