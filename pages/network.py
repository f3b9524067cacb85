"""The inside of a network on the whole window, with the image that the address names."""

import numpy as np
import streamlit as st

from mnist_core.language.messages import _
from mnist_core.preprocessing.image_text import from_text
from pages.components.network.section import show_section
from pages.components.page.address import number_in_address
from pages.components.page.frame import begin, damage_notice, data_notice
from pages.components.page.run_chooser import choose_run
from pages.components.resources import dataset_thread, runs_with_weights


def image_to_show() -> tuple[np.ndarray | None, int | None]:
    """The image uint8 (28, 28) in the address, or the test image whose number is there, and its label.

    None without an image, or where its label is not known.
    """
    if text := st.query_params.get("pixels"):
        try:
            return from_text(text), None
        except ValueError as error:
            st.error(str(error), icon=":material/link_off:")
            return None, None
    dataset = dataset_thread().wait(5.0) if "image" in st.query_params else None
    index = number_in_address("image", len(dataset.test.labels)) if dataset else None
    if index is None:
        return None, None
    return dataset.test.images[index], int(dataset.test.labels[index])


begin("network", _("Inside the network"), _("All its layers, from the image to the answer."))
run = choose_run(_("Model"), runs_with_weights())
damage_notice(run)
image, label = image_to_show()
if image is not None:
    show_section(run, image, "alone", label=label)
elif "image" in st.query_params:
    data_notice()
else:
    st.info(_("Draw a digit first. Below it, choose **Inside the network**."), icon=":material/draw:")
    st.page_link("pages/draw.py", label=_("Draw a digit"), icon=":material/draw:")
