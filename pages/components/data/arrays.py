"""The four arrays of the data set, as the tutorials print them."""

import pandas as pd
import streamlit as st

from mnist_core.data.browse import SETS
from mnist_core.data.mnist import Dataset
from mnist_core.language.messages import _
from pages.components.page.discreet import discreet


def show_arrays(dataset: Dataset) -> None:
    """Names, shapes, dtypes and ranges of the four arrays, and their source."""
    rows = [
        {
            _("array"): f"{name}_{which}",
            _("what"): what,
            "shape": str(array.shape),
            "dtype": str(array.dtype),
            _("values"): f"{array.min()} – {array.max()}",
        }
        for which, split in zip(SETS, dataset)
        for name, what, array in (("x", _("images"), split.images), ("y", _("labels"), split.labels))
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="content", alt=_("the four arrays of the data set"))
    if dataset.is_mnist:
        words = _(
            "From {source}. All four arrays match the original MNIST files (MD5 checked).",
            source=discreet(dataset.source),
        )
    else:
        words = _("Drawn by the app itself; this is not MNIST.")
    st.caption(words)
