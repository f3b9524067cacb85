"""Drawn pictures of each kind that people upload, each with one difficulty, and their correct digits."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from tests.unit.strokes import moved

ROUND = np.linspace(0, 2 * np.pi, 40)
# On a field of 60 x 100.
GLYPHS = {
    "0": [[(30 + 26 * np.sin(a), 50 - 50 * np.cos(a)) for a in ROUND]],
    "1": [[(30, 0), (30, 100)]],
    "2": [[(6, 26), (12, 8), (30, 0), (50, 8), (54, 28), (40, 56), (4, 100), (58, 100)]],
    "3": [[(6, 8), (30, 0), (52, 14), (46, 38), (24, 48), (50, 58), (56, 80), (34, 100), (4, 92)]],
    "4": [[(38, 0), (2, 66), (58, 66)], [(42, 40), (42, 100)]],
    "5": [[(54, 0), (12, 0), (8, 44), (34, 40), (56, 64), (40, 96), (4, 94)]],
    "6": [[(44, 0), (16, 36), (6, 70), (26, 100), (52, 86), (50, 60), (28, 52), (8, 70)]],
    "7": [[(4, 0), (56, 0), (22, 100)]],
    "8": [[(30, 48), (10, 24), (30, 0), (50, 24), (30, 48), (6, 74), (30, 100), (54, 74), (30, 48)]],
    "+": [[(30, 30), (30, 80)], [(5, 55), (55, 55)]],
}


def write(page: Image.Image, text: str, x=60.0, y=60.0, scale=1.0, pen=10, ink=20, gap=90.0) -> Image.Image:
    draw = ImageDraw.Draw(page)
    for place, sign in enumerate(text):
        for stroke in moved(GLYPHS[sign], scale, x + place * gap * scale, y):
            draw.line(stroke, fill=ink, width=pen, joint="curve")
            for px, py in (stroke[0], stroke[-1]):
                draw.ellipse((px - pen / 2, py - pen / 2, px + pen / 2, py + pen / 2), fill=ink)
    return page


def paper(width=420, height=220, shade=235, mode="L") -> Image.Image:
    return Image.new(mode, (width, height), shade)


def lines(page: Image.Image, step: int, degrees: float, both=False, shade=150) -> Image.Image:
    draw, rise = ImageDraw.Draw(page), np.tan(np.radians(degrees))
    for y in range(step // 2, page.height + step, step):
        draw.line([(0, y), (page.width, y - rise * page.width)], fill=shade, width=2)
    for x in range(step // 2, page.width + step, step) if both else ():
        draw.line([(x, 0), (x + rise * page.height, page.height)], fill=shade, width=2)
    return page


def framed(page: Image.Image, *boxes: tuple[int, int, int, int]) -> Image.Image:
    for box in boxes:
        ImageDraw.Draw(page).rectangle(box, outline=20, width=3)
    return page


def shadowed(page: Image.Image, soft: bool) -> Image.Image:
    column = np.arange(page.width)
    edge = 1 / (1 + np.exp((column - page.width / 2) / (12 if soft else 0.3)))
    return Image.fromarray(np.uint8(np.asarray(page) * (0.55 + 0.45 * edge)))


def plot(dark: bool) -> Image.Image:
    page, (field, ink) = paper(230, 230, 255), (0, 255) if dark else (255, 0)
    draw = ImageDraw.Draw(page)
    draw.rectangle((30, 8, 222, 200), fill=field, outline=0)
    for k in range(6):
        draw.line([(30 + 34 * k, 200), (30 + 34 * k, 204)], fill=0)
        draw.line([(26, 8 + 34 * k), (30, 8 + 34 * k)], fill=0)
        draw.text((26 + 34 * k, 207), f"{5 * k}", fill=0)
        draw.text((8, 4 + 34 * k), f"{5 * k}", fill=0)
    return write(page, "5", 90, 40, 1.3, 22, ink)


def desk(page: Image.Image) -> Image.Image:
    width, height = page.size
    edge = [
        (width - 40, 0),
        (width, 0),
        (width, height),
        (0, height),
        (0, height - 20),
        (width - 46, height - 26),
    ]
    ImageDraw.Draw(page).polygon(edge, fill=60)
    return page


def haloed(page: Image.Image) -> Image.Image:
    return page.filter(ImageFilter.GaussianBlur(1)).filter(ImageFilter.UnsharpMask(3, 400, 0))


def tight(text: str, pen: int) -> Image.Image:
    page = write(paper(200, 200, 255), text, 50, 50, 1, pen, 0)
    rows, columns = np.nonzero(np.asarray(page) < 128)
    return page.crop((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))


def coloured() -> Image.Image:
    page = paper(480, 220, (255, 255, 255), "RGB")
    for place, (sign, ink) in enumerate(zip("1245", ((0, 0, 180), (90, 240, 0), (250, 240, 60), (230, 0, 20)))):
        write(page, sign, 60 + 95 * place, 60, pen=14, ink=ink)
    return page


def sheet_of_marks() -> Image.Image:
    sheet = paper(900, 900)
    for y in range(20, 860, 80):
        write(sheet, "1" * 12, 30, y, 0.6, 5, gap=110)
    return sheet


KINDS = {
    "a thin pen": (write(paper(), "3", pen=2), "3"),
    "a fat pen": (write(paper(), "3", pen=26), "3"),
    "two rows": (write(write(paper(420, 360), "123"), "456", y=210), "123/456"),
    "light on dark": (write(paper(shade=15), "42", ink=240), "42"),
    "pale pencil": (write(paper(shade=235), "7", ink=205, pen=4), "7"),
    "bright colours": (coloured(), "1245"),
    "a small one": (write(paper(28, 28, 255), "1", 8, 8, 0.12, 2, 0), "1"),
    "ruled paper": (write(lines(paper(), 50, 0), "561"), "561"),
    "tilted rules": (write(lines(paper(), 50, 0.6), "561"), "561"),
    "a grid": (write(lines(paper(), 28, 0, both=True), "561"), "561"),
    "a tilted grid": (write(lines(paper(), 28, 0.6, both=True), "561"), "561"),
    "a box around it": (framed(write(paper(), "5"), (40, 30, 140, 190)), "5"),
    "a form's boxes": (
        framed(write(paper(460), "2604"), *((45 + 90 * k, 40, 135 + 90 * k, 180) for k in range(4))),
        "2604",
    ),
    "an underline": (framed(write(paper(), "0"), (30, 185, 190, 187)), "0"),
    "a plot's frame": (plot(dark=False), "5"),
    "a dark plot's frame": (plot(dark=True), "5"),
    "a shadow's hard edge": (shadowed(write(paper(), "625"), soft=False), "625"),
    "a shadow's soft edge": (shadowed(write(paper(), "625"), soft=True), "625"),
    "a desk beside the paper": (desk(write(paper(), "5")), "5"),
    "a sharpened photograph": (haloed(write(paper(), "6", pen=8)), "6"),
    **{f"cut off at the ink of a {sign}": (tight(sign, 8), sign) for sign in "12457"},
    "digits that touch": (write(paper(), "586", gap=58), "586"),
    "no digit among them": (write(paper(), "8+3"), "8?3"),
    "specks of dust": (write(write(paper(), "3"), "1", 380, 20, 0.02, 3), "3"),
    "lying on its side": (write(paper(), "837").rotate(90, expand=True), "837"),
}
