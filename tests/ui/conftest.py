"""Shared by the page tests: a page run as a script, without a browser, and its texts."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mnist_core.evaluation.evaluation import Evaluation
from mnist_core.files import write_json
from mnist_core.recipes.table import RECIPES
from mnist_core.visitors.visitor import Request
from pages.components import resources, visitor

PATIENCE = 60  # seconds: a slow machine must not fail a test


FROM_HERE = Request("127.0.0.1")


@pytest.fixture(autouse=True)
def fresh_server(home, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Gives each test a freshly started server, which the tester's own machine asks."""
    st.cache_resource.clear()
    monkeypatch.delenv("MNIST_SHARED", raising=False)
    asked_by(monkeypatch, FROM_HERE)
    yield
    resources.worker().close()
    st.cache_resource.clear()


def asked_by(monkeypatch: pytest.MonkeyPatch, request: Request) -> None:
    """From now on the pages are asked by `request`: without a browser there is no connection."""
    monkeypatch.setattr(visitor, "request", lambda: request)


def open_page(name: str, address: Mapping[str, str] | None = None, **session: object) -> AppTest:
    app = AppTest.from_file("../../app.py", default_timeout=PATIENCE)
    for key, value in session.items():
        app.session_state[key.replace("_", "-")] = value
    app.run()
    for parameter, value in (address or {}).items():
        app.query_params[parameter] = value
    app.switch_page(f"pages/{name}.py").run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    kinds = (
        app.title,
        app.header,
        app.subheader,
        app.markdown,
        app.caption,
        app.info,
        app.warning,
        app.error,
        app.success,
    )
    return "\n".join(str(element.value) for kind in kinds for element in kind)


def ended_run(store, probabilities, labels, name="softmax", **changes):
    """A finished run with these answers on the test set."""
    run = store.create(replace(RECIPES[name], **changes))
    answers = Evaluation(probabilities.astype(np.float32), labels)
    answers.save(run.evaluation_path)
    run.lite_path.write_bytes(store.get("starter").lite_path.read_bytes())
    write_json(
        run.folder / "result.json",
        {"status": "finished", "test_accuracy": answers.accuracy, "test_loss": answers.loss, "seconds": 5.0,
         "epochs": 20, "steps": 100, "seconds_per_step": 0.01, "is_mnist": False},
    )  # fmt: skip
    return run
