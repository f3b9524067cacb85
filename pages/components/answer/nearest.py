"""A row of images with their labels, and the training images whose pixels are nearest to an image."""

from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.components.images.pictures import picture
from pages.components.page.text import article
from pages.components.resources import dataset_thread, neighbours

NEAREST = 10


def show_nearest(image: np.ndarray) -> None:
    """The training images nearest to `image` uint8 (28, 28), and their labels."""
    dataset = dataset_thread().wait(5.0)  # on the Draw page nothing else waits for it
    if dataset is None:
        words = "The training images are still being loaded. Please choose this again in a moment."
        st.info(words, icon=":material/hourglass_top:")
        return
    found = neighbours(dataset).nearest(image, NEAREST)
    labels = dataset.train.labels[found]
    votes = np.bincount(labels, minlength=10)
    most = f"{votes.max()} are {article(votes.argmax())} **{votes.argmax()}**"
    st.markdown(f"Of the {len(found)} training images whose pixels are nearest to this one, {most}.")
    show_images("training", found, dataset.train.images[found], labels)


def show_images(kind: str, indices: Sequence[int], images: np.ndarray, labels: Sequence[int]) -> None:
    """The `images` uint8 (n, 28, 28) of a `kind`, "training" or "test", in a row."""
    with st.container(horizontal=True, gap="small"):
        for index, image, label in zip(indices, images, labels):
            with st.container(width=84, gap="xxsmall"):
                words = f"{kind} image {index}, {article(label)} {label}"
                st.image(picture(image, 3), width=84, alt=words)
                st.markdown(f"**{label}**")
