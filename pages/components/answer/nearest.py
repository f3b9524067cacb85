"""A row of images with their labels, and the training images whose pixels are nearest to an image."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from mnist_core.language.messages import _, ngettext
from pages.components.images.pictures import picture
from pages.components.resources import dataset_thread, neighbours

NEAREST = 10


def show_nearest(image: np.ndarray) -> None:
    """The training images nearest to `image` uint8 (28, 28), and their labels."""
    dataset = dataset_thread().wait(5.0)  # on the Draw page nothing else waits for it
    if dataset is None:
        words = _("The training images are still being loaded. Please choose this again in a moment.")
        st.info(words, icon=":material/hourglass_top:")
        return
    found = neighbours(dataset).nearest(image, NEAREST)
    labels = dataset.train.labels[found]
    votes = np.bincount(labels, minlength=10)
    st.markdown(
        ngettext(
            "Of the {nearest} training images whose pixels are nearest to this one, {number} is labelled "
            "**{digit}**.",
            "Of the {nearest} training images whose pixels are nearest to this one, {number} are labelled "
            "**{digit}**.",
            int(votes.max()),
            nearest=len(found),
            digit=votes.argmax(),
        )
    )
    show_images("train", found, dataset.train.images[found], labels)


def image_label(kind: str, index: int, label: int) -> str:
    """What an image of a `kind`, "train" or "test", is called where it cannot be seen."""
    if kind == "train":
        return _("training image {index}, labelled {digit}", index=index, digit=label)
    return _("test image {index}, labelled {digit}", index=index, digit=label)


def show_images(kind: str, indices: Sequence[int], images: np.ndarray, labels: Sequence[int]) -> None:
    """The `images` uint8 (n, 28, 28) of a `kind`, "train" or "test", in a row."""
    with st.container(horizontal=True, gap="small"):
        for index, image, label in zip(indices, images, labels):
            with st.container(width=84, gap="xxsmall"):
                st.image(picture(image, 3), width=84, alt=image_label(kind, index, label))
                st.markdown(f"**{label}**")
