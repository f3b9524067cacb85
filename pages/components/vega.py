"""Charts whose data changes while somebody looks at them."""

import altair as alt
import pandas as pd
import streamlit as st

DATA = "table"  # the name by which a chart's description speaks of its data


def describe(chart: alt.TopLevelMixin) -> dict:
    """The Vega-Lite description of an Altair chart of alt.NamedData(DATA)."""
    spec = chart.to_dict()
    del spec["config"]  # Altair's own sizes: Streamlit's theme has others
    return spec


def show_chart(spec: dict, table: pd.DataFrame, key: str, alt_text: str) -> None:
    """Draw `table` as `spec` describes it.

    While the description stays the same, the browser moves what it has drawn to the new data.
    st.altair_chart names data by its content, so that each change draws the whole chart anew, which
    flickers and takes the browser many times as long.
    """
    datasets = {**spec.get("datasets", {}), DATA: table}
    st.vega_lite_chart(spec={**spec, "datasets": datasets}, key=key, alt=alt_text)
