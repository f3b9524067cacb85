"""The digits themselves: the four arrays as in the tutorials, the images, their pixels."""

import numpy as np
import streamlit as st

from mnist_core.data.browse import MOST, ORDERS, SETS, Browse
from mnist_core.data.mnist import Dataset, Split
from mnist_core.language.messages import N_, _
from pages.components.answer.nearest import image_label
from pages.components.data.arrays import show_arrays
from pages.components.data.counts import show_counts
from pages.components.images.pictures import picture
from pages.components.images.pixels import show_numbers, show_pixels
from pages.components.images.tiles import Tile, show_tiles
from pages.components.page.address import AddressState, number_in_address, open_image
from pages.components.page.frame import begin, data_notice
from pages.components.page.scroll import scroll
from pages.components.resources import dataset_thread, prototypes

BROWSE = AddressState(Browse)
ORDER_NAMES = {"index": N_("original order"), "random": N_("at random"), "unusual": N_("most unusual first")}
CODE = """(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train.reshape(60000, 784) / 255
y_train = keras.utils.to_categorical(y_train, 10)"""


def choose(dataset: Dataset) -> Browse:
    """The widgets that choose which images to show."""
    widget = BROWSE.widget
    chosen = BROWSE.get()
    number = chosen.among(getattr(dataset, chosen.which)).size
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="browse"):
        sets = {"train": _("Training"), "test": _("Test")}
        widget(st.segmented_control, _("Data set"), SETS, "which", required=True, format_func=sets.get)
        widget(st.selectbox, _("Digit"), [None, *range(10)], "digit", width=88)
        orders = {"format_func": lambda order: _(ORDER_NAMES[order]), "width": 190}
        widget(st.selectbox, _("Order"), ORDERS, "order", **orders)
        _number(_("Skip"), "start", 0, max(0, number - 1))
        _number(_("How many"), "count", 1, MOST)
        if chosen.order == "random":
            st.button(_("Others"), icon=":material/casino:", key="others", on_click=_others)
    return BROWSE.get()


def _number(label: str, name: str, low: int, high: int) -> None:
    key = f"browse-{name}"
    st.session_state[key] = min(getattr(BROWSE.get(), name), high)
    st.number_input(
        label, low, high, key=key, width=110, on_change=lambda: BROWSE.change(**{name: st.session_state[key]})
    )


def _others() -> None:
    BROWSE.change(seed=(BROWSE.get().seed + 1) % 10_000)


def _open(index: int) -> None:
    open_image(index, "closely")


def show_images(split: Split, indices: np.ndarray, which: str) -> None:
    tiles = [
        Tile(
            int(i),
            image_label(which, int(i), split.labels[i]),
            [("", f"{split.labels[i]}")],
            [_("no. {index}", index=i)],
        )
        for i in indices
    ]
    show_tiles(split.images[indices], tiles, "images", _open)


def show_closely(split: Split, index: int, which: str) -> None:
    """The image with its grey levels, and the tutorials' preparation of it, with the image's own numbers."""
    image, label = split.images[index], int(split.labels[index])
    words = _("Test image {index}: {digit}", index=index, digit=label)
    if which == "train":
        words = _("Training image {index}: {digit}", index=index, digit=label)
    st.subheader(words, anchor=False)
    left, right = st.columns([370, 700], gap="large")
    with left:
        show_pixels(image, image_label(which, index, label))
    with right:
        show_numbers(image, _("the 784 pixels of this image"))
    st.markdown(_("**What the network receives**"))
    st.code(CODE, language="python")
    row = st.slider(_("Row of the image (from 0)"), 0, 27, 14, key="row")
    pixels = image[row].tolist()
    brightest = int(image[row].argmax())
    flatten = _(
        "**Flatten**: the 28 rows one after the other make 784 numbers. Row {row} becomes the numbers {first} "
        "to {last}: `{pixels}`.",
        row=row,
        first=row * 28,
        last=row * 28 + 27,
        pixels=pixels,
    )
    divide = _(
        "**Divide by 255**: 0 to 255 become 0 to 1, from which networks learn more easily. The brightest pixel "
        "of this row, in column {column}: {level} / 255 = **{scaled:.4f}**.",
        column=brightest,
        level=pixels[brightest],
        scaled=pixels[brightest] / 255,
    )
    one_hot = _(
        "**One-hot**: the label {label} becomes ten numbers, one for each digit: [{numbers}]. The network's "
        "ten probabilities are compared with these.",
        label=label,
        numbers=", ".join("**1**" if digit == label else "0" for digit in range(10)),
    )
    st.markdown(f"- {flatten}\n- {divide}\n- {one_hot}")


def show_all(dataset: Dataset, split: Split, which: str) -> None:
    """The number of images of each digit, the mean images, and the images that differ most from them."""
    means, distances = prototypes(dataset, which)
    st.subheader(_("The whole data set"), anchor=False)
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.markdown(_("**How many of each digit**"))
        show_counts(dataset)
    with right:
        st.markdown(_("**The mean image of each digit**"))
        row = np.uint8(np.rint(np.hstack(means)))
        st.image(picture(row, 3), width="stretch", alt=_("the mean of each digit"))
        digit = st.segmented_control(
            _("**The most unusual**: farthest from the mean, pixel by pixel"),
            range(10),
            default=4,
            required=True,
            wrap=True,
            key="unusual",
        )
        found = Browse(digit=digit, order="unusual", count=14).indices(split, distances)
        tiles = [
            Tile(int(i), image_label(which, int(i), digit), [], [_("no. {index}", index=i)]) for i in found
        ]
        show_tiles(split.images[found], tiles, "unusual-images", _open)


begin(
    "data",
    _("The data"),
    _("What every network here learns from: images of 28 × 28 grey levels, each with the digit that it shows."),
)
data_notice()
dataset = dataset_thread().dataset
if dataset:
    show_arrays(dataset)
    st.subheader(_("The images"), anchor=False)
    browse = choose(dataset)
    split = getattr(dataset, browse.which)
    indices = browse.indices(split, prototypes(dataset, browse.which)[1])
    show_images(split, indices, browse.which)
    index = number_in_address("image", len(split.labels))
    with st.container(key="closely"):
        show_closely(split, int(indices[0]) if index is None else index, browse.which)
    show_all(dataset, split, browse.which)
    scroll()
