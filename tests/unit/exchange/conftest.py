"""A good bundle of a small run, made once for all tests of bringing in."""

import pytest

from mnist_core.runs.run import Run
from tests.unit.exchange.small import small_bundle


@pytest.fixture(scope="session")
def run_and_bundle(tmp_path_factory) -> tuple[Run, bytes]:
    return small_bundle(tmp_path_factory.mktemp("small"))


@pytest.fixture(scope="session")
def small_run(run_and_bundle) -> Run:
    return run_and_bundle[0]


@pytest.fixture(scope="session")
def bundle(run_and_bundle) -> bytes:
    return run_and_bundle[1]
