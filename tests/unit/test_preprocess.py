import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_core.preprocess import (
    DrawingError,
    canvas_strokes,
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


@pytest.mark.parametrize(("paper", "ink"), [(255, 0), (0, 255), (200, 90), (60, 180)])
def test_dark_on_light_and_light_on_dark_give_the_same_image_as_strokes(paper, ink):
    assert likeness(from_image(picture(paper, ink)), from_strokes(SEVEN)) > 0.85


def test_a_click_that_leaves_a_dot_is_no_digit():
    dot = [["M", 140, 140], ["Q", 140, 140, 141, 140.5], ["L", 141, 141]]
    assert from_canvas({"objects": [{"type": "Path", "path": dot}]}) is None
    assert from_strokes([[(3, 4)]]).any(), "alone it is drawn as a dot"


def test_a_shadow_across_the_paper_is_taken_away():
    light = np.linspace(1, 0.4, 200)[None, :]
    shaded = Image.fromarray(np.uint8(np.asarray(picture(240, 20)) * light))
    assert likeness(from_image(shaded), from_strokes(SEVEN)) > 0.85


@pytest.mark.parametrize("ink", [0, 90, 255])
def test_paper_that_was_left_out_is_where_the_ink_is_not(ink):
    image = picture((0, 0, 0, 0), (ink, ink, ink, 255), "RGBA")
    assert likeness(from_image(image), from_strokes(SEVEN)) > 0.85


def test_the_rotation_tag_is_obeyed():
    turned = picture().rotate(90, expand=True)
    exif = turned.getexif()
    exif[0x0112] = 6
    file = io.BytesIO()
    turned.save(file, "JPEG", exif=exif)
    assert likeness(from_image(open_image(file)), from_strokes(SEVEN)) > 0.8


@pytest.mark.parametrize(("side", "width"), [(1000, 12), (1000, 4), (3000, 14)])
def test_a_small_digit_on_a_large_page_is_read(side, width):
    page = Image.new("L", (side, side), 255)
    ImageDraw.Draw(page).line([(470, 430), (630, 430), (530, 690)], fill=0, width=width)
    assert likeness(from_image(page), from_strokes(SEVEN)) > 0.5


def test_pictures_of_16_bits_and_of_floats_are_read():
    levels = np.asarray(picture()).astype(np.uint16) * 200 + 5000
    assert likeness(from_image(Image.fromarray(levels)), from_strokes(SEVEN)) > 0.85
    assert likeness(from_image(Image.fromarray(levels.astype(np.float32))), from_strokes(SEVEN)) > 0.85


def test_a_picture_whose_colours_cannot_be_read_is_refused_in_words():
    with pytest.raises(DrawingError, match="save it as PNG"):
        from_image(Image.new("LAB", (50, 50)))


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3000, 2)])
def test_empty_and_tiny_pictures_hold_no_digit(size):
    assert from_image(Image.new("L", size, 255)) is None


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
