"""Charts whose data changes while somebody looks at them."""

from collections.abc import Callable
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

DATA = "table"  # the name by which a chart's description speaks of its data


def description(chart: alt.TopLevelMixin) -> dict:
    """The Vega-Lite description of an Altair chart of alt.NamedData(DATA)."""
    spec = chart.to_dict()
    del spec["config"]  # Altair's own sizes: Streamlit's theme has others
    return spec


def show_chart(
    spec: dict, table: pd.DataFrame, key: str, alt_text: str, selects: Callable[[], None] | None = None
) -> None:
    """Draw `table` as `spec` describes it; `selects` is called when something was selected in it.

    While the description stays the same, the browser moves what it has drawn to the new data.
    st.altair_chart names data by its content, so that each change draws the whole chart anew, which
    flickers and takes the browser many times as long.
    """
    datasets = {**spec.get("datasets", {}), DATA: table}
    st.vega_lite_chart(
        spec={**spec, "datasets": datasets}, key=key, alt=alt_text, on_select=selects or "ignore"
    )


def selecting_key(name: str, chosen: Any) -> str:
    """The key of a chart in which one selects: a new one, without a mark, once something else is `chosen`.

    Otherwise the chart would go on marking what a filter has long replaced, and a further click on that would
    change nothing in it, and so say nothing. What a click has chosen is to be told with `selected`.
    """
    state = st.session_state
    if state.get(f"{name}-selected", chosen) != chosen:
        del state[f"{name}-selected"]
        state[f"{name}-number"] = state.get(f"{name}-number", 0) + 1
    return f"{name}-{state.get(f'{name}-number', 0)}"


def selected(name: str, chosen: Any) -> None:
    st.session_state[f"{name}-selected"] = chosen
