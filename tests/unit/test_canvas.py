import numpy as np
import pytest

from mnist_core.drawings import canvas_strokes, from_canvas
from mnist_core.preprocess import DrawingError, Steps, from_strokes
from tests.unit.strokes import SEVEN


def test_a_canvas_drawing_is_its_strokes():
    path = [["M", 0, 0], ["L", 60, 0], ["L", 20, 100]]
    json_data = {"objects": [{"type": "Path", "path": path}, {"type": "circle"}]}
    assert np.array_equal(from_canvas(json_data), from_strokes(SEVEN))


def test_a_canvass_curves_are_followed():
    strokes = canvas_strokes({"objects": [{"type": "path", "path": [["M", 0, 0], ["Q", 10, 0, 10, 10]]}]})
    assert strokes == [[(0, 0), (4.375, 0.625), (7.5, 2.5), (9.375, 5.625), (10, 10)]]


def test_a_stroke_that_was_moved_and_turned_on_the_canvas_is_read_where_it_is_seen():
    path = [["M", 0, 0], ["L", 0, 100]]
    edited = {"type": "Path", "path": path, "left": 140, "top": 140, "originX": "center", "originY": "center"}
    edited |= {"width": 0, "height": 100, "angle": 90, "scaleX": 1, "scaleY": 2, "strokeWidth": 20}
    (stroke,) = canvas_strokes({"objects": [edited]})
    assert np.allclose(stroke, [(240, 140), (40, 140)])


@pytest.mark.parametrize("empty", [None, {}, {"objects": []}])
def test_an_empty_canvas_is_no_image(empty):
    assert from_canvas(empty) is None


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        "x",
        {"objects": 3},
        {"objects": [{}]},
        {"objects": [{"type": "path", "path": [["M"]]}]},
        {"objects": [{"type": "path", "path": [["M", "a", "b"]]}]},
        {"objects": [{"type": "path", "path": [["Q", 1, 2, 3, 4]]}]},
    ],
)
def test_what_is_no_canvas_drawing_is_refused_in_words(wrong):
    with pytest.raises(DrawingError, match="draw again"):
        from_canvas(wrong)


def test_a_click_that_leaves_a_dot_is_no_digit():
    dot = [["M", 140, 140], ["Q", 140, 140, 141, 140.5], ["L", 141, 141]]
    assert from_canvas({"objects": [{"type": "Path", "path": dot}]}) is None
    assert from_strokes([[(3, 4)]]).any(), "alone it is drawn as a dot"


@pytest.mark.parametrize("width", ["x", None, 1e300, -5])
def test_far_strokes_and_odd_widths_cost_nothing(width):
    far = {"type": "path", "strokeWidth": width, "path": [["M", -9e8, 0], ["L", 9e8, 50], ["L", 0, 9e8]]}
    for steps in (Steps(), Steps(False, False, False), Steps(False, True, True), Steps(True, False, False)):
        assert from_canvas({"objects": [far]}, steps).shape == (28, 28)
    with pytest.raises(DrawingError, match="draw again"):
        from_canvas({"objects": [{"type": "path", "path": [["M", 10**400, 1]]}]})
