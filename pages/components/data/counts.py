"""How many images of each digit the data set has, as a chart."""

from functools import lru_cache

import altair as alt
import numpy as np
import pandas as pd

from mnist_core.data.browse import SETS
from mnist_core.data.mnist import Dataset
from mnist_core.language.catalogues import current
from mnist_core.language.messages import N_, _
from pages.components.charts.vega import DATA, description, show_chart

SET_NAMES = {"train": N_("training data"), "test": N_("test data")}


def show_counts(dataset: Dataset, key: str = "counts") -> None:
    """The number of images of each digit, in the training and in the test data."""
    rows = [
        {"digit": f"{digit}", "set": _(SET_NAMES[which]), "images": int(number)}
        for which, split in zip(SETS, dataset)
        for digit, number in enumerate(np.bincount(split.labels, minlength=10))
    ]
    show_chart(_bars(current()), pd.DataFrame(rows), key, _("images of each digit"))


@lru_cache(maxsize=4)
def _bars(language: str) -> dict:
    sets = [_(name) for name in SET_NAMES.values()]
    chart = alt.Chart(alt.NamedData(DATA)).mark_bar(cornerRadiusEnd=2)
    chart = chart.encode(
        x=alt.X("digit:O", title=None, axis=alt.Axis(labelAngle=0)),
        xOffset=alt.XOffset("set:N", sort=sets),
        y=alt.Y("images:Q", title=None),
        color=alt.Color("set:N", sort=sets, legend=alt.Legend(orient="top", title=None)),
        tooltip=[
            alt.Tooltip("set:N", title=_("set")),
            alt.Tooltip("digit:O", title=_("digit")),
            alt.Tooltip("images:Q", title=_("images"), format=","),
        ],
    )
    return description(chart.properties(height=260))
