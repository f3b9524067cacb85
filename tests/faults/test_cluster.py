"""A Dask cluster of real processes: a scheduler and two workers that train, are killed and come back."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from mnist_core.__main__ import main
from mnist_core.data.mnist import Dataset
from mnist_core.jobs.cluster import Cluster
from mnist_core.jobs.scheduler import ClusterError, check_address
from mnist_core.jobs.start import cluster_address
from mnist_core.runs.run import Run
from mnist_core.runs.snapshot import snapshot_of
from mnist_core.runs.store import RunStore
from mnist_core.training.fill import train_run
from tests.faults.machines import ROOT, Machines
from tests.faults.scenarios import LONG, PATIENCE, SHORT, assert_trained_once, serving, status_is, wait_until
from tests.guide import commands, examples

pytestmark = pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="needs a system with SIGKILL")
LONGER = replace(LONG, epochs=40)


@pytest.fixture
def machines(tmp_path: Path, home: Path) -> Iterator[Machines]:
    made = Machines(tmp_path, 2)
    yield made
    made.end()


@pytest.fixture
def servers(store: RunStore, machines: Machines) -> Iterator[list[Cluster]]:
    """Two servers' engines, on one home and one cluster."""
    made = [Cluster(store, machines.address) for _ in range(2)]
    yield made
    for engine in made:
        engine.close()


def attempts(run: Run) -> list[dict]:
    """What the run's attempts have logged, in order."""
    paths = sorted((run.folder / "attempts").glob("*.json"), key=lambda path: int(path.stem))
    return [json.loads(path.read_text()) for path in paths]


def assert_never_trained_by_two(run: Run) -> None:
    for earlier, later in zip(found := attempts(run), found[1:]):
        assert earlier["began"] <= earlier["ended"] <= later["began"]


def in_the_middle(run: Run) -> bool:
    """Whether it trains, and could go on from a checkpoint."""
    snapshot = snapshot_of(run)
    return snapshot.is_training and snapshot.has_own_rows and run.checkpoint_path.exists()


def accuracy_here(store: RunStore, run: Run, small: Dataset) -> float:
    """What the run's recipe reaches here, in this process."""
    alone = store.create(run.recipe, os.getpid())
    return train_run(alone, small)["test_accuracy"]


def test_four_runs_of_two_servers_survive_the_end_of_a_worker_and_of_the_scheduler(
    store, small, machines, servers
):
    one = servers[0]
    runs = [engine.submit(recipe) for recipe in (LONGER, SHORT) for engine in servers]

    wait_until(lambda: in_the_middle(runs[0]), "the first training")
    worker, trainer = machines.worker_of(runs[0]), runs[0].attempt
    machines.kill(worker)
    wait_until(lambda: not trainer.is_alive, "the end of its trainer")

    wait_until(lambda: any(map(in_the_middle, runs[:2])), "a training in the middle")
    interrupted = next(run for run in runs if in_the_middle(run))
    os.kill(interrupted.attempt.pid, signal.SIGSTOP)  # so that it is still in the middle then
    number = interrupted.attempt.number
    machines.kill(machines.scheduler)
    wait_until(lambda: all(engine.problem for engine in servers), "a word about it")
    assert "cannot be reached" in f"{one.problem}" and one.places == 0
    machines.restart_scheduler()

    for run in runs:
        wait_until(status_is(run, "finished"), "the end")
        assert_trained_once(run)
        assert_never_trained_by_two(run)
    for pair in (runs[:2], runs[2:]):
        expected = pytest.approx(accuracy_here(store, pair[0], small), abs=0.004)
        assert [run.result["test_accuracy"] for run in pair] == [expected, expected]
    assert len(attempts(runs[0])) >= 2 and len(attempts(interrupted)) > number
    assert "The cluster goes on with this training: attempt 2." in runs[0].log_tail(400)
    assert one.problem is None and one.places == 2


def test_a_run_survives_its_server_is_stopped_and_goes_on_and_one_that_waits_is_removed(store, tmp_path):
    machines = Machines(tmp_path, 1)
    with serving(store, {"MNIST_CLUSTER": machines.address}) as server:
        first = server.submit(LONGER)
        wait_until(lambda: in_the_middle(first), "the training")
    rows = len(first.metrics())
    wait_until(lambda: len(first.metrics()) > rows, "a row without a server")
    engine = Cluster(store, machines.address)
    try:
        waiting = engine.submit(SHORT)
        assert snapshot_of(waiting).status == "queued", "there is one place"
        engine.stop(waiting)
        engine.stop(first)
        wait_until(lambda: first.result is not None, "its result")
        assert snapshot_of(first).status == "stopped" and first.has_model
        engine.resume(first)
        wait_until(status_is(first, "finished"), "the end")
        assert_never_trained_by_two(first)
        assert len(attempts(first)) == 2 and snapshot_of(waiting).status == "stopped" and not attempts(waiting)
    finally:
        engine.close()
        machines.end()


def test_a_worker_without_the_program_gets_no_run_and_is_named(store, tmp_path):
    machines = Machines(tmp_path, 0)
    stranger = machines.add_stranger(cwd=tmp_path, PYTHONPATH="")
    engine = Cluster(store, machines.address)
    try:
        run = engine.submit(SHORT)
        wait_until(lambda: "cannot import mnist_core" in f"{engine.problem}", "a word about it")
        machines.add_worker()
        wait_until(status_is(run, "finished"), "the end")
        wait_until(lambda: engine.problem is None, "no word more")
        assert stranger.poll() is None and len(attempts(run)) == 1
    finally:
        engine.close()
        machines.end()


def test_a_run_that_cannot_be_begun_does_not_hold_up_the_others(store, tmp_path):
    machines = Machines(tmp_path, 1)
    engine = Cluster(store, machines.address)
    try:
        wait_until(lambda: engine.places == 1, "the worker")
        broken = store.create(SHORT)
        (broken.folder / "attempts").write_text("a file where a folder belongs")
        run = engine.submit(SHORT)
        wait_until(status_is(run, "finished"), "the end of the other")
        assert snapshot_of(broken).status == "queued"
    finally:
        engine.close()
        machines.end()


def test_a_worker_that_does_not_find_mnist_leaves_the_runs_to_others(store, mnist, tmp_path, monkeypatch):
    monkeypatch.setenv("MNIST_DIR", mnist.source)
    machines = Machines(tmp_path, 0)
    machines.add_stranger(MNIST_DIR=f"{tmp_path}")
    engine = Cluster(store, machines.address)
    try:
        runs = [engine.submit(replace(SHORT, epochs=1)) for _ in range(2)]
        wait_until(lambda: "cannot train: it does not find MNIST" in f"{engine.problem}", "a word about it")
        assert not any(map(attempts, runs))
        machines.add_worker()
        for run in runs:
            wait_until(status_is(run, "finished"), "the end")
            assert run.result["is_mnist"] and len(attempts(run)) == 1
    finally:
        engine.close()
        machines.end()


def test_without_a_scheduler_runs_wait_and_the_engine_says_so_and_closes_at_once(store):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    engine = Cluster(store, f"tcp://127.0.0.1:{port}")
    run = engine.submit(SHORT)
    wait_until(lambda: engine.problem, "a word about it")
    assert f"tcp://127.0.0.1:{port} cannot be reached. Runs wait" in f"{engine.problem}"
    engine.close()
    assert snapshot_of(run).status == "queued" and run.attempt is None


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("tcp://192.0.2.1:8786", "must be tls://"),
        ("tcp://scheduler:8786", "must be tls://"),
        ("scheduler:8786", "not the address of a Dask scheduler"),
        ("tls://scheduler", "not the address of a Dask scheduler"),
        ("tcp://127.0.0.1:99999", "not the address of a Dask scheduler"),
    ],
)
def test_an_address_that_is_wrong_or_off_this_machine_and_not_encrypted_is_refused(address, said):
    with pytest.raises(ClusterError, match=said):
        check_address(address)


def test_an_address_may_have_spaces_and_a_slash_around_it(monkeypatch):
    monkeypatch.setenv("MNIST_CLUSTER", " tcp://localhost:8786/ ")
    assert cluster_address() == "tcp://localhost:8786"
    check_address(cluster_address())


def test_a_sweep_with_a_wrong_address_ends_before_it_makes_runs(store, monkeypatch, capsys):
    monkeypatch.setenv("MNIST_CLUSTER", "http://localhost:8786")
    assert main(["sweep", "mlp", "--epochs", "1", "--set", "units=8,16"]) != 0
    assert "not the address of a Dask scheduler" in capsys.readouterr().err and not store.list()


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:8786", "tcp://[::1]:8786", "tcp://localhost:1", "tls://a:1"]
)
def test_this_machine_and_what_is_encrypted_is_accepted(address):
    check_address(address)


def test_with_the_guides_certificates_a_server_reaches_the_cluster_and_without_them_none(store, tmp_path):
    if shutil.which("openssl") is None:
        pytest.skip("needs openssl")
    for command in commands("A cluster", 2):
        subprocess.run(command, shell=True, cwd=tmp_path, check=True, capture_output=True)
    (settings,) = examples("yaml", "A cluster")
    (tmp_path / "dask.yaml").write_text(settings.replace("/etc/mnist-studio", f"{tmp_path}"))
    program = (
        "import sys, time; from pathlib import Path; from mnist_core.jobs.start import start_engine;"
        "from mnist_core.runs.store import RunStore; engine = start_engine(RunStore(Path(sys.argv[1])))"
        "\nwhile not engine.places: time.sleep(0.01)\nengine.close()"
    )
    machines = Machines(tmp_path, 1, tmp_path)
    stranger = Cluster(store, machines.address)
    try:
        environment = {**os.environ, "MNIST_CLUSTER": machines.address, "DASK_CONFIG": f"{tmp_path}"}
        command = [sys.executable, "-c", program, f"{store.home}"]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=PATIENCE)
        wait_until(lambda: "TLS" in f"{stranger.problem}", "a word about certificates")
        assert stranger.places == 0
    finally:
        stranger.close()
        machines.end()


def test_without_the_package_distributed_the_server_starts_and_says_what_to_install(store):
    program = (
        "import sys, time; from pathlib import Path; sys.modules['distributed'] = None;"
        "from mnist_core.jobs.start import start_engine; from mnist_core.runs.store import RunStore;"
        "from mnist_core.recipes.table import RECIPES;"
        "engine = start_engine(RunStore(Path(sys.argv[1]))); run = engine.submit(RECIPES['softmax']);"
        "\nwhile not engine.problem: time.sleep(0.01)\n"
        "print(engine.problem, run.attempt); engine.close()"
    )
    environment = {**os.environ, "MNIST_CLUSTER": "tcp://127.0.0.1:1"}
    command = [sys.executable, "-c", program, f"{store.home}"]
    said = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert "pip install -r requirements-cluster.txt" in said.stdout and said.stdout.endswith("None\n")
    assert "pip install -r requirements-cluster.txt" in said.stderr, "the server's log says it, too"


def test_a_server_without_a_cluster_does_not_import_distributed(store):
    program = (
        "import sys; from pathlib import Path; from mnist_core.jobs import start;"
        "from mnist_core.runs.store import RunStore; start.start_engine(RunStore(Path(sys.argv[1]))).close();"
        "sys.exit('distributed' in sys.modules or 'dask' in sys.modules)"
    )
    environment = {key: value for key, value in os.environ.items() if key != "MNIST_CLUSTER"}
    command = [sys.executable, "-c", program, f"{store.home}"]
    assert subprocess.run(command, cwd=ROOT, env=environment).returncode == 0


def test_a_sweep_of_the_terminal_is_trained_by_the_cluster_with_the_same_results(
    store, small, machines, monkeypatch, capsys
):
    monkeypatch.setenv("MNIST_CLUSTER", machines.address)
    assert main(["sweep", "mlp", "--epochs", "1", "--set", "units=8,16", "--json"]) == 0
    rows = json.loads(capsys.readouterr().out.splitlines()[-1])["runs"]
    assert [row["state"] for row in rows] == ["finished", "finished"]
    for run, row in ((store.get(row["run"]), row) for row in rows):
        assert [attempt["engine"] for attempt in attempts(run)] == ["cluster"]
        assert row["test_accuracy"] == pytest.approx(accuracy_here(store, run, small), abs=0.01)
