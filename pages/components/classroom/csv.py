"""A table as a CSV file."""

from collections.abc import Sequence

import streamlit as st

from mnist_core.language.messages import _
from mnist_core.visitors.overview import Row, as_csv


def show_csv(rows: Sequence[Row], name: str) -> None:
    """The button that downloads the rows; `name` is that of the file."""
    st.download_button(
        _("As CSV"),
        as_csv(rows),
        f"{name}.csv",
        "text/csv",
        icon=":material/download:",
        key=f"csv-{name}",
        on_click="ignore",
    )
