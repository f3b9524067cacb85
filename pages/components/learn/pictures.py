"""The pictures of steps that need no training: arrays, images, their numbers, layers."""

import numpy as np
import streamlit as st

from mnist_core.language.messages import _
from mnist_core.language.numbers import figure
from pages.components.answer.nearest import image_label
from pages.components.canvas.canvas import buttons, canvas
from pages.components.data.arrays import show_arrays
from pages.components.data.counts import show_counts
from pages.components.images.pictures import picture, signed
from pages.components.images.pixels import show_numbers, show_pixels
from pages.components.images.tiles import Tile, show_tiles
from pages.components.learn.stage import Stage
from pages.components.page.frame import leave_for
from pages.components.training.builder import show_summary

_EDGES = np.array([[-1, 0, 1], [-1, 0, 1], [-1, 0, 1]])
_MOST = 60  # images
_ROW = "display:flex;gap:1.5rem;flex-wrap:wrap;align-items:flex-end"


def arrays(stage: Stage) -> None:
    show_arrays(stage.dataset)


def counts(stage: Stage) -> None:
    show_counts(stage.dataset, f"{stage.key}-counts")


def summary(stage: Stage) -> None:
    show_summary(stage.evidence.recipe.layers)


def training_image(stage: Stage) -> tuple[np.ndarray, int, int]:
    """The training image that the step is about: its pixels, its label, its index."""
    index = min(stage.step.image or 0, len(stage.dataset.train.labels) - 1)
    return stage.dataset.train.images[index], int(stage.dataset.train.labels[index]), index


def pixel_row(stage: Stage) -> None:
    image, label, index = training_image(stage)
    show_pixels(image, image_label("train", index, label))
    row = st.slider(_("Row of the image (from 0)"), 0, 27, 6, key=f"{stage.key}-row")
    st.markdown(
        _(
            "**Flatten**: the 28 rows one after the other make 784 numbers. Row {row} becomes the numbers "
            "{first} to {last}: `{pixels}`.",
            row=row,
            first=row * 28,
            last=row * 28 + 27,
            pixels=image[row].tolist(),
        )
    )


def numbers(stage: Stage) -> None:
    show_numbers(training_image(stage)[0] / 255, _("the 784 pixels of this image"))


def raw_numbers(stage: Stage) -> None:
    show_numbers(training_image(stage)[0], _("the 784 pixels of this image"))


def one_hot(stage: Stage) -> None:
    image, label, index = training_image(stage)
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.image(picture(image, 4), width=112, alt=image_label("train", index, label))
        show_cells({f"y_train[{index}]": np.eye(10)[label]})


def show_cells(rows: dict[str, np.ndarray]) -> None:
    """Rows of ten numbers under the digits they belong to; the largest of each row stands out."""
    head = "".join(f"<th>{digit}</th>" for digit in range(10))
    body = "".join(
        f"<tr><th>{name}</th>{''.join(_number(value, value == values.max()) for value in values)}</tr>"
        for name, values in rows.items()
    )
    st.html(
        "<style>.cells td, .cells th { padding: 0.15rem 0.4rem; text-align: center; font-size: 0.85rem; "
        "font-variant-numeric: tabular-nums } .cells tr > th:first-child { text-align: left; "
        "white-space: nowrap } .cells .most { font-weight: 700; outline: 2px solid currentColor }</style>"
        '<div style="overflow-x:auto" tabindex="0"><table class="cells">'
        f"<tr><th></th>{head}</tr>{body}</table></div>"
    )


def _number(value: float, is_largest: bool) -> str:
    words = f"{value:.0f}" if value in (0, 1) else figure(float(value), ".3f")
    return f'<td class="{"most" if is_largest else ""}">{words}</td>'


def one_training_image(stage: Stage) -> None:
    count = len(stage.dataset.train.labels)
    index = st.number_input(_("Index"), 0, count - 1, 0, key=f"{stage.key}-index", width=140)
    label = int(stage.dataset.train.labels[index])
    show_pixels(stage.dataset.train.images[index], image_label("train", index, label))
    st.markdown(f"`y_train[{index}]` = **{label}**")


def first_images(stage: Stage) -> None:
    train = stage.dataset.train
    with st.container(horizontal=True, gap="small"):
        last = len(train.labels) - 1
        first = st.number_input(_("First index"), 0, last, 0, key=f"{stage.key}-first", width=140)
        count = st.number_input(_("How many"), 1, _MOST, 15, key=f"{stage.key}-count", width=140)
    indices = range(first, min(first + count, len(train.labels)))
    tiles = [
        Tile(i, image_label("train", i, int(train.labels[i])), [("", f"{train.labels[i]}")], [f"{i}"])
        for i in indices
    ]
    show_tiles(train.images[list(indices)], tiles, f"{stage.key}-images", _to_data)


def _to_data(index: int) -> None:
    st.session_state["leave-for"] = ("pages/data.py", {"which": "train", "image": f"{index}"})


def choose_image(stage: Stage) -> None:
    """A test image by its number, or a drawing instead."""
    draws = st.toggle(
        _("Draw a digit instead"),
        "drawing" in st.query_params,
        key=f"{stage.key}-draw",
        persist_state="session",
    )
    if draws:
        canvas()
        buttons()
        return
    last = len(stage.dataset.test.labels) - 1
    key = f"{stage.key}-image"
    st.session_state[key] = stage.index

    def changed() -> None:
        st.query_params["image"] = f"{st.session_state[key]}"

    label = _("Test image (0 to {last:,})", last=last)
    st.number_input(label, 0, last, key=key, width=200, on_change=changed)


def colour_bar(stage: Stage) -> None:
    show_pixels(stage.evidence.pixels, _("the image that is read"))


def convolution(stage: Stage) -> None:
    """The image, a filter, and the feature map that results."""
    image = stage.dataset.test.images[0] / 255
    found = convolved(image)
    _pictures(
        (picture(stage.dataset.test.images[0], 1), 168, "28 × 28"),
        (signed(_EDGES.astype(float), 1.0), 72, "3 × 3"),
        (signed(found, float(np.abs(found).max())), 156, "26 × 26"),
    )
    st.caption(_("Blue: the filter fits. Red: the opposite fits, dark on its right instead of its left."))


def convolved(image: np.ndarray) -> np.ndarray:
    """The vertical edges of an image (28, 28): float (26, 26), each a sum of nine products."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (3, 3))
    return np.einsum("ijkl,kl->ij", windows, _EDGES)


def pooling(stage: Stage) -> None:
    found = np.maximum(convolved(stage.dataset.test.images[0] / 255), 0)
    pooled = found.reshape(13, 2, 13, 2).max((1, 3))
    largest = float(found.max())
    _pictures((signed(found, largest), 208, "26 × 26"), (signed(pooled, largest), 104, "13 × 13"))
    st.caption(_("Here negative values have become 0 (ReLU), and then the largest of each 2 × 2 was kept."))


def _pictures(*shown: tuple[str, int, str]) -> None:
    """Pictures at a width in pixels, each with a caption, in one row."""
    parts = "".join(
        f'<figure style="margin:0;text-align:center"><img src="{source}" alt="{words}" style="width:{width}px;'
        'image-rendering:pixelated;border-radius:3px">'
        f'<figcaption style="font-size:0.8rem">{words}</figcaption></figure>'
        for source, width, words in shown
    )
    st.html(f'<div style="{_ROW}">{parts}</div>')


def leave_if_asked() -> None:
    """Open the page that a click on a picture has asked for."""
    if where := st.session_state.pop("leave-for", None):
        leave_for(*where)
