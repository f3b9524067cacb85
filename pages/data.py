"""The digits themselves: the four arrays as in the tutorials, the images, their pixels."""

from functools import cache

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from mnist_core.data.browse import MOST, ORDERS, SETS, Browse
from mnist_core.data.mnist import Dataset, Split
from pages.components.charts.vega import DATA, description, show_chart
from pages.components.images.pictures import picture
from pages.components.images.pixels import show_numbers, show_pixels
from pages.components.images.tiles import Tile, show_tiles
from pages.components.page.address import AddressState, number_in_address, open_image
from pages.components.page.frame import begin, data_notice
from pages.components.page.scroll import scroll
from pages.components.page.text import article, plain
from pages.components.resources import dataset_thread, prototypes

BROWSE = AddressState(Browse)
NAMES = {"train": "training", "test": "test"}
WORDS = {"index": "in their order", "random": "at random", "unusual": "most unusual first"}
CODE = """(x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
x_train = x_train.reshape(60000, 784) / 255
y_train = keras.utils.to_categorical(y_train, 10)"""


def show_arrays(dataset: Dataset) -> None:
    """Names, shapes, dtypes and ranges of the four arrays, and their source."""
    rows = [
        {
            "array": f"{name}_{which}",
            "what": what,
            "shape": str(array.shape),
            "dtype": str(array.dtype),
            "values": f"{array.min()} to {array.max()}",
        }
        for which, split in zip(SETS, dataset)
        for name, what, array in (("x", "images", split.images), ("y", "labels", split.labels))
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="content", alt="the four arrays of the data set")
    if dataset.is_mnist:
        checked = (
            "Each of the four arrays was checked: its MD5 is that of the file which MNIST's authors published."
        )
    else:
        checked = "Drawn by the app itself from the computer's fonts; this is not MNIST."
    st.caption(f"From {plain(dataset.source)}. {checked}")


def choose(dataset: Dataset) -> Browse:
    """The widgets that choose which images to show."""
    widget = BROWSE.widget
    chosen = BROWSE.get()
    number = chosen.among(getattr(dataset, chosen.which)).size
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="browse"):
        widget(st.segmented_control, "Set", SETS, "which", required=True, format_func=str.capitalize)
        widget(st.selectbox, "Digit", [None, *range(10)], "digit", width=88)
        widget(st.selectbox, "Order", ORDERS, "order", format_func=WORDS.get, width=190)
        _number("Skip the first", "start", 0, max(0, number - 1))
        _number("How many", "count", 1, MOST)
        if chosen.order == "random":
            st.button("Others", icon=":material/casino:", key="others", on_click=_others)
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
            f"{NAMES[which]} image {i}, {article(split.labels[i])} {split.labels[i]}",
            [("", f"{split.labels[i]}")],
            [f"no. {i:,}"],
        )
        for i in indices
    ]
    show_tiles(split.images[indices], tiles, "images", _open)


def show_closely(split: Split, index: int, which: str) -> None:
    """The image with its grey levels, and the tutorials' preparation of it, with the image's own numbers."""
    image, label = split.images[index], int(split.labels[index])
    st.subheader(f"{NAMES[which].capitalize()} image {index:,}: {article(label)} {label}", anchor=False)
    left, right = st.columns([370, 700], gap="large")
    with left:
        show_pixels(image, f"{NAMES[which]} image {index}, {article(label)} {label}")
    with right:
        show_numbers(image, f"the 784 pixels of {NAMES[which]} image {index}")
    st.markdown("**What the network receives**")
    st.code(CODE, language="python")
    row = st.slider("Row of the image", 0, 27, 14, key="row")
    pixels = image[row].tolist()
    brightest = int(image[row].argmax())
    one_hot = ["**1**" if digit == label else "0" for digit in range(10)]
    st.markdown(
        f"- **Flatten**: the 28 rows one after the other make 784 numbers. Row {row} becomes the numbers "
        f"{row * 28} to {row * 28 + 27}: `{pixels}`.\n"
        f"- **Divide by 255**: of 0 to 255 it makes 0 to 1, which networks learn from more easily. The "
        f"brightest pixel of this row, in column {brightest}: {pixels[brightest]} / 255 = "
        f"**{pixels[brightest] / 255:.4f}**.\n"
        f"- **One-hot**: the label {label} becomes ten numbers, one for each digit: [{', '.join(one_hot)}]. "
        "The network's ten probabilities are compared with these."
    )


def show_all(dataset: Dataset, split: Split, which: str) -> None:
    """The number of images of each digit, the mean images, and the images that differ most from them."""
    means, distances = prototypes(dataset, which)
    st.subheader("All of them together", anchor=False)
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.markdown("**How many of each digit**")
        _counts(dataset)
    with right:
        st.markdown("**The mean image of each digit**")
        st.image(picture(np.uint8(np.rint(np.hstack(means))), 3), width="stretch", alt="the mean of each digit")
        digit = st.segmented_control(
            "**The most unusual**: farthest from the mean, pixel by pixel",
            range(10),
            default=4,
            required=True,
            wrap=True,
            key="unusual",
        )
        found = Browse(digit=digit, order="unusual", count=14).indices(split, distances)
        tiles = [
            Tile(int(i), f"{NAMES[which]} image {i}, an unusual {digit}", [], [f"no. {i:,}"]) for i in found
        ]
        show_tiles(split.images[found], tiles, "unusual-images", _open)


def _counts(dataset: Dataset) -> None:
    rows = [
        {"digit": f"{digit}", "set": which, "images": int(number)}
        for which, split in zip(SETS, dataset)
        for digit, number in enumerate(np.bincount(split.labels, minlength=10))
    ]
    show_chart(_bars(), pd.DataFrame(rows), "counts", "images of each digit")


@cache
def _bars() -> dict:
    chart = alt.Chart(alt.NamedData(DATA)).mark_bar(cornerRadiusEnd=2)
    chart = chart.encode(
        x=alt.X("digit:O", title=None, axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("set:N", sort=list(SETS)),
        y=alt.Y("images:Q", title=None),
        color=alt.Color("set:N", sort=list(SETS), legend=alt.Legend(orient="top", title=None)),
        tooltip=["set:N", "digit:O", alt.Tooltip("images:Q", format=",")],
    )
    return description(chart.properties(height=260))


begin(
    "The digits",
    "What every network here learns from: images of 28 × 28 grey levels, each with the digit that it shows.",
)
data_notice()
dataset = dataset_thread().dataset
if dataset:
    show_arrays(dataset)
    st.subheader("The images", anchor=False)
    browse = choose(dataset)
    split = getattr(dataset, browse.which)
    indices = browse.indices(split, prototypes(dataset, browse.which)[1])
    show_images(split, indices, browse.which)
    index = number_in_address("image", len(split.labels), f"{NAMES[browse.which]} image")
    with st.container(key="closely"):
        show_closely(split, int(indices[0]) if index is None else index, browse.which)
    show_all(dataset, split, browse.which)
    scroll()
