import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_core.preprocess import (
    DrawingError,
    Steps,
    canvas_strokes,
    digits_of,
    from_canvas,
    from_image,
    from_strokes,
    open_image,
)

SEVEN = [[(0, 0), (60, 0), (20, 100)]]


def moved(strokes, scale=1.0, x=0.0, y=0.0):
    return [[(px * scale + x, py * scale + y) for px, py in stroke] for stroke in strokes]


def centre(images):
    """The mean centre of mass of images (n, 28, 28): column and row, counted from 0."""
    mass = images.sum((1, 2))
    return [((images.sum(axis) * np.arange(28)).sum(1) / mass).mean() for axis in (1, 2)]


def test_mnists_own_images_have_the_centre_that_drawings_are_given(mnist):
    assert np.allclose(centre(mnist.test.images.astype(float)), 14, atol=0.05)


def test_the_image_has_mnists_size_box_and_centre():
    image = from_strokes(SEVEN)
    assert image.shape == (28, 28) and image.dtype == np.uint8 and image.max() == 255
    rows = np.nonzero(image)[0]
    assert rows.max() - rows.min() + 1 in (20, 21)
    assert np.allclose(centre(image[None]), 14, atol=0.15)
    assert len(np.unique(image)) > 20, "grey levels are kept"


@pytest.mark.parametrize(("scale", "x", "y"), [(0.2, 3, 250), (3, -5, 0), (1000, 1e6, -1e6), (1e-3, 0, 0)])
def test_size_and_place_do_not_matter(scale, x, y):
    difference = from_strokes(moved(SEVEN, scale, x, y)).astype(int) - from_strokes(SEVEN)
    assert np.abs(difference).max() <= 40 and np.abs(difference).mean() < 0.5


@pytest.mark.parametrize("empty", [[], [[]], [[], []]])
def test_no_strokes_are_no_image(empty):
    assert from_strokes(empty) is None


@pytest.mark.parametrize(
    "strokes",
    [
        [[(5, 5)]],
        [[(5, 5), (5, 5)]],
        [[(0, 0), (0, 100)]],
        [[(0, 0), (1000, 1)]],
        [[(i * 0.01, (i * 7) % 13) for i in range(10_000)]],
    ],
    ids=["tap", "tap twice", "straight line", "very wide", "ten thousand points"],
)
def test_odd_strokes_give_an_image_inside_the_frame(strokes):
    image = from_strokes(strokes)
    assert image.shape == (28, 28) and image.max() > 100
    assert not image[0].any() and not image[:, 0].any() and not image[-1].any() and not image[:, -1].any()


@pytest.mark.parametrize(
    "strokes",
    [
        [[(float("nan"), 0)]],
        [[(0, float("inf"))]],
        [[(1e300, 0), (0, 0)]],
        [["ab"]],
        [[(1, 2, 3)]],
        [[(1, 2, 3), (4, 5, 6)]],
        5,
        [[(0, 0)] * 20_001],
    ],
)
def test_strokes_that_cannot_be_drawn_are_refused_in_words(strokes):
    with pytest.raises(DrawingError, match=r"stroke|drawing"):
        from_strokes(strokes)


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


def picture(paper=255, ink=0, mode="L", size=(200, 150)) -> Image.Image:
    image = Image.new(mode, size, paper)
    ImageDraw.Draw(image).line([(70, 30), (130, 30), (90, 130)], fill=ink, width=12, joint="curve")
    return image


def likeness(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def one(image: Image.Image) -> np.ndarray:
    (only,) = from_image(image)
    return only


@pytest.mark.parametrize(("paper", "ink"), [(255, 0), (0, 255), (200, 90), (60, 180)])
def test_dark_on_light_and_light_on_dark_give_the_same_image_as_strokes(paper, ink):
    assert likeness(one(picture(paper, ink)), from_strokes(SEVEN)) > 0.85


def test_a_click_that_leaves_a_dot_is_no_digit():
    dot = [["M", 140, 140], ["Q", 140, 140, 141, 140.5], ["L", 141, 141]]
    assert from_canvas({"objects": [{"type": "Path", "path": dot}]}) is None
    assert from_strokes([[(3, 4)]]).any(), "alone it is drawn as a dot"


def test_a_shadow_across_the_paper_is_taken_away():
    light = np.linspace(1, 0.4, 200)[None, :]
    shaded = Image.fromarray(np.uint8(np.asarray(picture(240, 20)) * light))
    assert likeness(one(shaded), from_strokes(SEVEN)) > 0.85


@pytest.mark.parametrize("ink", [0, 90, 255])
def test_paper_that_was_left_out_is_where_the_ink_is_not(ink):
    image = picture((0, 0, 0, 0), (ink, ink, ink, 255), "RGBA")
    assert likeness(one(image), from_strokes(SEVEN)) > 0.85


def test_the_rotation_tag_is_obeyed():
    turned = picture().rotate(90, expand=True)
    exif = turned.getexif()
    exif[0x0112] = 6
    file = io.BytesIO()
    turned.save(file, "JPEG", exif=exif)
    assert likeness(one(open_image(file)), from_strokes(SEVEN)) > 0.8


@pytest.mark.parametrize(("side", "width"), [(1000, 12), (1000, 4), (3000, 14)])
def test_a_small_digit_on_a_large_page_is_read(side, width):
    page = Image.new("L", (side, side), 255)
    ImageDraw.Draw(page).line([(470, 430), (630, 430), (530, 690)], fill=0, width=width)
    assert likeness(one(page), from_strokes(SEVEN)) > 0.5


def test_pictures_of_16_bits_and_of_floats_are_read():
    levels = np.asarray(picture()).astype(np.uint16) * 200 + 5000
    assert likeness(one(Image.fromarray(levels)), from_strokes(SEVEN)) > 0.85
    assert likeness(one(Image.fromarray(levels.astype(np.float32))), from_strokes(SEVEN)) > 0.85


def test_a_picture_whose_colours_cannot_be_read_is_refused_in_words():
    with pytest.raises(DrawingError, match="save it as PNG"):
        from_image(Image.new("LAB", (50, 50)))


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3000, 2)])
def test_empty_and_tiny_pictures_hold_no_digit(size):
    assert from_image(Image.new("L", size, 255)) == []


def test_a_bomb_a_broken_and_a_renamed_file_are_refused_in_words():
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    large = io.BytesIO()
    Image.new("1", (8_000, 6_000)).save(large, "PNG")
    broken = io.BytesIO()
    picture().save(broken, "PNG")
    for file, message in (
        (bomb, "up to 40 million pixels"),
        (large, "8000 x 6000 pixels; up to 40 million"),
        (io.BytesIO(broken.getvalue()[:200]), "damaged or cut off"),
        (io.BytesIO(b""), "not a picture"),
        (io.BytesIO(b"%PDF-1.7 or so"), "not a picture"),
    ):
        with pytest.raises(DrawingError, match=message):
            open_image(file)


EIGHT = [[(50, 50), (20, 25), (50, 0), (80, 25), (50, 50), (20, 75), (50, 100), (80, 75), (50, 50)]]
FIVE = [[(20, 0), (10, 45), (60, 60), (50, 100), (0, 95)], [(20, 0), (70, 0)]]


@pytest.mark.parametrize("gap", [12, 60])
def test_several_digits_are_taken_apart_in_the_order_of_reading(gap):
    five, seven, eight = FIVE, moved(SEVEN, x=70 + gap), moved(EIGHT, x=120 + 2 * gap)
    strokes = [eight[0], five[1], seven[0], five[0]]
    found = digits_of(strokes)
    assert [len(digit) for digit in found] == [2, 1, 1]
    for digit, alone in zip(found, (FIVE, SEVEN, EIGHT)):
        assert likeness(from_strokes(digit), from_strokes(alone)) > 0.99


def test_a_stray_dot_is_a_part_of_its_neighbour_and_not_a_digit_of_its_own():
    assert [len(digit) for digit in digits_of([*SEVEN, [(200, 50)], [(-90, 10), (-88, 12)]])] == [3]
    assert digits_of([]) == [] and len(digits_of([[(5, 5)]])) == 1


def test_several_digits_in_a_picture_are_read_one_by_one():
    page = Image.new("L", (700, 200), 255)
    for x, strokes in ((40, FIVE), (260, SEVEN), (470, EIGHT)):
        for stroke in moved(strokes, 1.4, x, 30):
            ImageDraw.Draw(page).line(stroke, fill=30, width=14, joint="curve")
    found = from_image(page)
    assert len(found) == 3
    for image, strokes in zip(found, (FIVE, SEVEN, EIGHT)):
        assert likeness(image, from_strokes(strokes)) > 0.85


def test_ruled_lines_are_taken_away():
    page = picture(size=(200, 150))
    for y in (20, 60, 100, 140):
        ImageDraw.Draw(page).line([(0, y), (200, y)], fill=90, width=1)
    assert likeness(one(page), from_strokes(SEVEN)) > 0.8


def test_without_a_step_size_brush_or_place_show_again():
    whole = from_strokes(moved(SEVEN, 2, 40, 40))
    small, thick = moved(SEVEN, 0.6, 180, 200), 60
    assert np.array_equal(from_strokes(small, Steps(), thick), from_strokes(small))
    unscaled = from_strokes(small, Steps(scale=False))
    assert np.ptp(np.nonzero(unscaled)[0]) < 10 < np.ptp(np.nonzero(whole)[0])
    assert (from_strokes(small, Steps(pen=False), thick) > 128).sum() > 2 * (whole > 128).sum()
    uncentred = from_strokes(small, Steps(scale=False, centre=False))
    assert np.nonzero(uncentred)[0].min() >= 18, "it stands where it was drawn"
    assert from_strokes(moved(SEVEN, 30, -900, 5000), Steps(False, False, False)).shape == (28, 28)


FOUR = [[(30, 0), (0, 60), (80, 60)], [(60, 20), (60, 110)]]
ONE = [[(0, 0), (2, 100)]]


@pytest.mark.parametrize("strokes", [ONE, SEVEN, FOUR, FIVE], ids=["1", "7", "4", "5"])
@pytest.mark.parametrize(("side", "pen"), [(400, 8), (1000, 20)])
def test_a_thin_digit_that_fills_the_picture_is_no_ruled_line(strokes, side, pen):
    extent = max(np.ptp(np.concatenate([np.array(s) for s in strokes]), axis=0))
    page = Image.new("L", (side, side), 255)
    scale = 0.88 * side / extent
    for stroke in moved(strokes, scale, side * 0.06 + (side * 0.4 if strokes is ONE else 0), side * 0.06):
        ImageDraw.Draw(page).line(stroke, fill=0, width=pen)
    thin = from_strokes(strokes)
    assert likeness(one(page), thin) > 0.5, "thinner, and yet the same"


def test_dust_on_the_paper_is_no_part_of_the_digit():
    page = picture(size=(400, 300))
    ImageDraw.Draw(page).rectangle((380, 5, 384, 9), fill=0)
    assert likeness(one(page), from_strokes(SEVEN)) > 0.85


def test_more_digits_than_one_reads_are_refused_in_words():
    with pytest.raises(DrawingError, match="at most 12"):
        digits_of([[(50 * i, 0), (50 * i, 100)] for i in range(40)])
    with pytest.raises(DrawingError, match="at most 12"):
        bars = Image.new("L", (900, 200), 255)
        for x in range(20, 880, 40):
            ImageDraw.Draw(bars).line([(x, 40), (x, 160)], fill=0, width=8)
        from_image(bars)


@pytest.mark.parametrize("width", ["x", None, 1e300, -5])
def test_far_strokes_and_odd_widths_cost_nothing(width):
    far = {"type": "path", "strokeWidth": width, "path": [["M", -9e8, 0], ["L", 9e8, 50], ["L", 0, 9e8]]}
    for steps in (Steps(), Steps(False, False, False), Steps(False, True, True), Steps(True, False, False)):
        assert from_canvas({"objects": [far]}, steps).shape == (28, 28)
    with pytest.raises(DrawingError, match="draw again"):
        from_canvas({"objects": [{"type": "path", "path": [["M", 10**400, 1]]}]})
