import numpy as np
import pytest

from mnist_core.preprocessing.drawings import canvas_strokes, find_on_canvas, over
from mnist_core.preprocessing.preprocess import DrawingError, Steps, from_strokes
from tests.unit.strokes import SEVEN


def test_a_canvas_drawing_is_its_strokes():
    path = [["M", 0, 0], ["L", 60, 0], ["L", 20, 100]]
    json_data = {"objects": [{"type": "Path", "path": path}, {"type": "circle"}]}
    (digit,) = find_on_canvas(json_data).digits
    assert np.array_equal(digit.image(), from_strokes(SEVEN))


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
def test_an_empty_canvas_holds_no_digit(empty):
    assert not find_on_canvas(empty).digits


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
        find_on_canvas(wrong)


def test_a_click_that_leaves_a_dot_is_no_digit():
    dot = [["M", 140, 140], ["Q", 140, 140, 141, 140.5], ["L", 141, 141]]
    assert not find_on_canvas({"objects": [{"type": "Path", "path": dot}]}).digits
    assert from_strokes([[(3, 4)]]).any(), "alone it is drawn as a dot"


@pytest.mark.parametrize("width", ["x", None, 1e300, -5, float("nan")])
def test_far_strokes_and_odd_widths_cost_nothing(width):
    far = {"type": "path", "strokeWidth": width, "path": [["M", -9e8, 0], ["L", 9e8, 50], ["L", 0, 9e8]]}
    for steps in (Steps(), Steps(False, False, False), Steps(False, True, True), Steps(True, False, False)):
        (digit,) = find_on_canvas({"objects": [far]}).digits
        assert digit.image(steps).shape == (28, 28) and all(0 <= side <= 1 for side in digit.box)
    with pytest.raises(DrawingError, match="draw again"):
        find_on_canvas({"objects": [{"type": "path", "path": [["M", 10**400, 1]]}]})


def line(*points, **more) -> dict:
    path = [["M", *points[0]], *(["L", *point] for point in points[1:])]
    return {"type": "path", "path": path, "strokeWidth": 20, "stroke": "#ffffff", **more}


def test_each_of_several_digits_has_its_box():
    found = find_on_canvas({"objects": [line((200, 40), (200, 240)), line((50, 60), (50, 200))]})
    assert [digit.box for digit in found.digits] == [
        pytest.approx((40 / 280, 50 / 280, 60 / 280, 210 / 280)),
        pytest.approx((190 / 280, 30 / 280, 210 / 280, 250 / 280)),
    ]
    assert found.whole.shape == (28, 28) and found.whole[10, 5] == found.whole[10, 20] == 255


def test_strokes_over_an_image_stand_where_they_were_drawn_and_black_ones_rub_out():
    image = np.zeros((28, 28), np.uint8)
    image[:, 20:24] = 200
    ink, rubber = line((50, 50), (50, 230)), line((10, 140), (270, 140), stroke="#000000")
    drawn = over(image, {"objects": [ink]})
    assert drawn[14, 4] > 200 and drawn[14, 5] == 255 and drawn[14, 22] == 200 and drawn[14, 12] == 0
    rubbed = over(image, {"objects": [ink, rubber]})
    assert rubbed[14].max() == 0 and rubbed[5, 22] == 200 and rubbed[8, 5] == 255
    again = over(image, {"objects": [rubber, ink]})
    assert again[14, 5] == 255 and again[14, 22] == 0, "what is drawn later lies above"
    assert np.array_equal(over(image, None), image)
    with pytest.raises(DrawingError):
        over(image, {"objects": [{}]})


def test_a_forged_brush_is_left_out_and_a_forged_scale_is_refused():
    path = [["M", 0, 0], ["L", 60, 0], ["L", 20, 100]]
    (digit,) = find_on_canvas({"objects": [{"type": "path", "path": path, "strokeWidth": 10**400}]}).digits
    assert digit.brush == 20
    forged = {"type": "path", "path": path, "left": 0, "top": 0, "scaleX": [[[1, 2]]] * 100}
    with pytest.raises(DrawingError):
        find_on_canvas({"objects": [forged]})
