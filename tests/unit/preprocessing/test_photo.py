import io
from contextlib import suppress
from importlib.util import find_spec

import numpy as np
import pytest
from PIL import Image, ImageDraw

from mnist_core.preprocessing.photo import find_in_picture
from mnist_core.preprocessing.photo_file import open_image
from mnist_core.preprocessing.preprocess import AS_IT_STANDS, DrawingError, Steps, from_strokes, normalise
from tests.unit.strokes import EIGHT, FIVE, FOUR, ONE, SEVEN, likeness, moved


def picture(paper=255, ink=0, mode="L", size=(200, 150)) -> Image.Image:
    image = Image.new(mode, size, paper)
    ImageDraw.Draw(image).line([(70, 30), (130, 30), (90, 130)], fill=ink, width=12, joint="curve")
    return image


def one(image: Image.Image) -> np.ndarray:
    (only,) = find_in_picture(image).digits
    return only.image()


@pytest.mark.parametrize(("paper", "ink"), [(255, 0), (0, 255), (200, 90), (60, 180)])
def test_dark_on_light_and_light_on_dark_give_the_same_image_as_strokes(paper, ink):
    assert likeness(one(picture(paper, ink)), from_strokes(SEVEN)) > 0.85


ROW, COLUMN = np.indices((150, 200))


@pytest.mark.parametrize(
    "light",
    [
        np.linspace(1, 0.4, 200)[None, :],
        np.where(COLUMN + 0.3 * ROW > 120, 0.4, 1),
        np.where(np.hypot(ROW, COLUMN - 200) < 90, 0.5, 1),
        1 - 0.6 * (np.hypot(ROW - 75, COLUMN - 100) / 125) ** 2,
    ],
    ids=["from one side", "the edge of a shadow", "a shadow in the corner", "dark corners"],
)
def test_uneven_light_is_no_ink(light):
    shaded = Image.fromarray(np.uint8(np.asarray(picture(240, 20)) * light))
    assert likeness(one(shaded), from_strokes(SEVEN)) > 0.85


def test_noise_is_no_ink():
    noise = np.random.default_rng(0).integers(0, 256, (400, 400, 3), np.uint8)
    assert not find_in_picture(Image.fromarray(noise)).digits


@pytest.mark.parametrize("ink", [0, 90, 255])
def test_transparent_pixels_count_as_paper(ink):
    image = picture((0, 0, 0, 0), (ink, ink, ink, 255), "RGBA")
    assert likeness(one(image), from_strokes(SEVEN)) > 0.85


def test_the_rotation_tag_is_obeyed():
    turned = picture().rotate(90, expand=True)
    exif = turned.getexif()
    exif[0x0112] = 6
    file = io.BytesIO()
    turned.save(file, "JPEG", exif=exif)
    assert likeness(one(open_image(file)), from_strokes(SEVEN)) > 0.8


def test_a_damaged_rotation_tag_does_no_harm():
    file = io.BytesIO()
    picture().save(file, "PNG", exif=b"Exif\0\0garbage")
    assert likeness(one(open_image(file)), from_strokes(SEVEN)) > 0.85


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5])
def test_however_fat_the_ink_is_it_fills_what_a_digit_fills(share):
    bar = normalise(np.ones((240, round(240 * share)), np.float32))
    assert 19 <= (bar > 60).any(1).sum() <= 22


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
        find_in_picture(Image.new("La", (50, 50)))


@pytest.mark.parametrize("seed", range(6))
def test_whatever_a_picture_shows_it_is_read_or_refused_in_words(seed):
    rng = np.random.default_rng(seed)
    height, width = rng.integers(1, 160, 2)
    page = np.full((height, width), rng.integers(256), np.uint8)
    for _ in range(rng.integers(1, 40)):
        (y, x), (dy, dx) = rng.integers(0, (height, width)), rng.integers(1, 60, 2)
        page[y : y + (1 if seed % 3 == 0 else dy), x : x + dx] = rng.integers(256)
    if seed % 4 == 1:
        page[:: rng.integers(2, 9)] = 0
    with suppress(DrawingError):
        found = find_in_picture(Image.fromarray(page), lambda images: np.full((len(images), 10), 0.1))
        assert all(digit.image().shape == (28, 28) for digit in found.digits)


@pytest.mark.parametrize("size", [(1, 1), (1, 500), (3000, 2)])
def test_empty_and_tiny_pictures_hold_no_digit(size):
    assert not find_in_picture(Image.new("L", size, 255)).digits


def test_a_bomb_a_broken_and_a_renamed_file_are_refused_in_words():
    bomb = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(bomb, "PNG")
    large = io.BytesIO()
    Image.new("1", (8_000, 6_000)).save(large, "PNG")
    broken = io.BytesIO()
    picture().save(broken, "PNG")
    for file, message in (
        (bomb, "At most 40,000,000 pixels"),
        (large, "8,000 × 6,000 pixels. At most 40,000,000 pixels"),
        (io.BytesIO(broken.getvalue()[:200]), "damaged or cut off"),
        (io.BytesIO(b""), "not a picture"),
        (io.BytesIO(b"%PDF-1.7 or so"), "not a picture"),
    ):
        with pytest.raises(DrawingError, match=message):
            open_image(file)


@pytest.mark.skipif(find_spec("pillow_heif") is not None, reason="pillow-heif is installed")
def test_an_iphones_photograph_is_told_what_it_needs_where_that_is_not_installed():
    photograph = io.BytesIO(b"\0\0\0\x24ftypheic" + bytes(60))
    with pytest.raises(DrawingError, match="pip install pillow-heif, or save the picture as JPEG"):
        open_image(photograph)


def test_several_digits_in_a_picture_are_read_one_by_one():
    page = Image.new("L", (700, 200), 255)
    for x, strokes in ((40, FIVE), (260, SEVEN), (470, EIGHT)):
        for stroke in moved(strokes, 1.4, x, 30):
            ImageDraw.Draw(page).line(stroke, fill=30, width=14, joint="curve")
    found = find_in_picture(page)
    assert len(found.digits) == 3 and found.whole.shape == (200, 700, 3)
    for digit, strokes in zip(found.digits, (FIVE, SEVEN, EIGHT)):
        assert likeness(digit.image(), from_strokes(strokes)) > 0.85
    left, top, right, bottom = found.digits[1].box  # the seven, drawn with a pen of 14 pixels
    ink = np.asarray(page)[:, 200:400] < 128
    rows, columns = np.nonzero(ink)
    assert (left * 700, right * 700) == pytest.approx((200 + columns.min(), 201 + columns.max()), abs=2)
    assert (top * 200, bottom * 200) == pytest.approx((rows.min(), rows.max() + 1), abs=2)


def test_what_each_step_is_for_is_seen_in_a_picture():
    page = Image.new("L", (400, 400), 255)
    ImageDraw.Draw(page).line([(30, 30), (90, 30), (50, 130)], fill=0, width=12, joint="curve")
    (digit,) = find_in_picture(page).digits
    whole, small, scaled = digit.image(), digit.image(AS_IT_STANDS), digit.image(Steps(centre=False))
    rows, columns = np.nonzero(small > 20)
    # It stays in its corner; one pixel of the image is 400 / 28 = 14.3 of the picture.
    assert (rows.min(), columns.min()) == pytest.approx((24 / 14.3, 30 / 14.3), abs=1)
    assert (rows.max(), columns.max()) == pytest.approx((130 / 14.3, 95 / 14.3), abs=1.2)
    assert np.ptp(np.nonzero(scaled > 60)[0]) == pytest.approx(19, abs=1)
    assert not np.array_equal(scaled, whole)


def test_ruled_lines_are_taken_away():
    page = picture(size=(200, 150))
    for y in (20, 60, 100, 140):
        ImageDraw.Draw(page).line([(0, y), (200, y)], fill=90, width=1)
    assert likeness(one(page), from_strokes(SEVEN)) > 0.8


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
