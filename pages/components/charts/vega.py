"""Charts whose data changes while they are shown."""

from collections.abc import Callable
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

DATA = "table"  # the name of the data in a chart's description


def description(chart: alt.TopLevelMixin) -> dict:
    """The Vega-Lite description of an Altair chart of alt.NamedData(DATA)."""
    spec = chart.to_dict()
    del spec["config"]  # Altair's default sizes would override Streamlit's theme
    return spec


def show_chart(
    spec: dict, table: pd.DataFrame, key: str, alt_text: str, selects: Callable[[], None] | None = None
) -> None:
    """Draw `table` as `spec` describes it; `selects` is called after a selection in the chart.

    While the description stays the same, the browser updates the existing chart. st.altair_chart names data by
    its content, so that each change redraws the whole chart, which flickers and takes many times as long.
    """
    datasets = {**spec.get("datasets", {}), DATA: table}
    st.vega_lite_chart(
        spec={**spec, "datasets": datasets}, key=key, alt=alt_text, on_select=selects or "ignore"
    )


def selecting_key(name: str, chosen: Any) -> str:
    """The key of a chart with selections: a new key, without a selection, once something else is `chosen`.

    Otherwise the chart would still mark what a filter has replaced, and a click on it would change nothing
    and so send no event. Call `selected` with what a click has chosen.
    """
    state = st.session_state
    if state.get(f"{name}-selected", chosen) != chosen:
        del state[f"{name}-selected"]
        state[f"{name}-number"] = state.get(f"{name}-number", 0) + 1
    return f"{name}-{state.get(f'{name}-number', 0)}"


def selected(name: str, chosen: Any) -> None:
    st.session_state[f"{name}-selected"] = chosen
