"""The terminal's command for sweeps: it starts one, trains its runs one after another, and says what is best.

The runs stand in the same queue as the app's. Where the app runs, too, each run is trained by whoever takes it
first, and one run at a time on this machine. With $MNIST_CLUSTER they are handed to the cluster, side by side.
"""

import argparse
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from mnist_core.home import home
from mnist_core.jobs.scheduler import ClusterError, check_address
from mnist_core.jobs.start import cluster_address, start_engine
from mnist_core.language.messages import _, message, message_n, ngettext
from mnist_core.language.numbers import duration, figure
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.runs.store import RunStore
from mnist_core.sweeps.duration import run_seconds, total
from mnist_core.sweeps.results import Results, Setting, results_of
from mnist_core.sweeps.store import LONGEST_NAME, SavedSweep, SweepStore
from mnist_core.sweeps.sweep import AXES, Sweep, read_values, seeds_from, value_words
from mnist_core.sweeps.words import axis_word, cautions, setting_words
from mnist_core.terminal import console, in_columns, note, say, say_json
from mnist_core.terminal_data import load_data

_PERIOD = 0.25  # seconds between looks at the runs' folders


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("base", nargs="?", metavar="RECIPE", help=_("a recipe, or the ID of a run"))
    words = _("values of a setting, such as learning_rate=0.01,0.1; one of: {names}", names=", ".join(AXES))
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUES", help=words)
    parser.add_argument("--seeds", type=int, metavar="N", help=_("train each setting with N seeds"))
    parser.add_argument("--epochs", type=int, metavar="N")
    parser.add_argument("--images", type=int, metavar="N", help=_("use the first N training images"))
    parser.add_argument("--name", metavar="NAME", help=_("what the sweep is called"))
    parser.add_argument("--resume", metavar="ID", help=_("go on with a sweep that was interrupted"))
    parser.add_argument("--list", action="store_true", help=_("list the sweeps"))


def sweep(arguments: argparse.Namespace) -> None:
    """Start a sweep or go on with one, and print its results; or list all."""
    _check_options(arguments)
    if arguments.list:
        _list(arguments)
        return
    _check_cluster()
    store = RunStore(home())
    if arguments.resume:
        saved = SweepStore(home()).get(arguments.resume)
        load_data()
        for trial in results_of(saved, store).can_go_on:
            trial.snapshot.run.resume()
    else:
        saved = _start(arguments, store)
    with _stopping(saved, store):
        _train_all(saved, store)
    results = results_of(saved, store)
    _say_results(arguments, saved, results)
    if early := len(results.can_go_on):
        words = message_n(
            "{number} run ended early. `python -m mnist_core sweep --resume {sweep}` goes on with it.",
            "{number} runs ended early. `python -m mnist_core sweep --resume {sweep}` goes on with them.",
            early,
            sweep=saved.id,
        )
        raise ValueError(words)


def _check_options(arguments: argparse.Namespace) -> None:
    """ValueError if something is given that would be ignored."""
    names = {"RECIPE": "base", "--set": "set", "--seeds": "seeds", "--epochs": "epochs", "--images": "images"}
    given = [
        word for word, name in {**names, "--name": "name"}.items() if getattr(arguments, name) not in (None, [])
    ]
    if arguments.list and (others := [*given, *(["--resume"] if arguments.resume else [])]):
        raise ValueError(message("--list only lists the sweeps: leave out {names}.", names=", ".join(others)))
    if arguments.resume and given:
        words = message(
            "--resume goes on with a sweep as it was started: leave out {names}.", names=", ".join(given)
        )
        raise ValueError(words)


def _check_cluster() -> None:
    """ValueError if $MNIST_CLUSTER cannot be the address of a cluster: the runs would wait for ever."""
    try:
        if address := cluster_address():
            check_address(address)
    except ClusterError as error:
        raise ValueError(error.args[0]) from error


def _start(arguments: argparse.Namespace, store: RunStore) -> SavedSweep:
    planned = _planned(arguments)
    seconds = total(run_seconds(planned.recipes, len(load_data().train.labels), store.list()))
    words = ngettext(
        "{number} run, about {time} one after another.",
        "{number} runs, about {time} one after another.",
        planned.num_runs,
        time=duration(seconds),
    )
    note(words)
    name = (arguments.name or "").strip() or planned.base.title[:LONGEST_NAME]
    return SweepStore(home()).create(planned, name, "", store.create)


def _planned(arguments: argparse.Namespace) -> Sweep:
    if not arguments.base:
        raise ValueError(message("Name a recipe, or a sweep with --resume, or use --list."))
    base = RECIPES.get(arguments.base) or _run(arguments.base).recipe
    changes = {"epochs": arguments.epochs, "num_images": arguments.images}
    base = replace(base, **{name: value for name, value in changes.items() if value is not None})
    axes = [read_values(*_name_and_values(given)) for given in arguments.set]
    if arguments.seeds is not None:
        axes.append(seeds_from(base.seed, arguments.seeds))
    return Sweep(base, tuple(axes))


def _run(name: str) -> Run:
    try:
        return RunStore(home()).get(name)
    except RunError as error:
        words = message(
            "There is no recipe and no run {name}. The recipes are {names}.",
            name=name[:80],
            names=", ".join(RECIPES),
        )
        raise ValueError(words) from error


def _name_and_values(given: str) -> tuple[str, str]:
    name, is_there, values = given.partition("=")
    if not is_there:
        raise ValueError(message("--set takes NAME=VALUES, not {given!r}.", given=given[:60]))
    return name.strip(), values


@contextmanager
def _stopping(saved: SavedSweep, store: RunStore) -> Iterator[None]:
    """Within it, the first Ctrl-C stops the sweep and keeps what was learnt; a second one ends the program."""

    def stop(*_: Any) -> None:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        for trial in reversed(results_of(saved, store).trials):
            if trial.snapshot and trial.snapshot.is_active:
                trial.snapshot.run.ask_to_stop()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _train_all(saved: SavedSweep, store: RunStore) -> None:
    """Train the runs that wait, and wait for those that another program trains.

    Without a cluster they are trained one after another, each by a program of its own, as the app does it: a
    setting that needs too much memory ends only that program, and no memory is left over from run to run.
    """
    from rich.progress import Progress

    said, program = set(), None
    engine = start_engine(store) if cluster_address() else None
    with Progress(console=console(), transient=True) as progress:
        task = progress.add_task(saved.name, total=1.0)
        while (results := results_of(saved, store)).is_active:
            progress.update(task, completed=results.fraction)
            _say_finished(results, said)
            if engine is None and (program is None or program.poll() is not None):
                program = _start_next(results, store)
            time.sleep(_PERIOD)
        _say_finished(results, said)
    if program:
        program.communicate()  # closes its standard input and waits for it
    if engine:
        engine.close()


def _start_next(results: Results, store: RunStore) -> subprocess.Popen | None:
    """Start training the run that is next; None if none waits, or this machine trains something already."""
    waiting = results.of_status("queued")
    if not waiting or any(of.is_under_way and of.attempt.is_here for of in snapshots_of(store).all):
        return None
    run = waiting[0].snapshot.run
    with (run.folder / "log.txt").open("ab") as log:
        program = subprocess.Popen(
            [sys.executable, "-m", "mnist_core.train"],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.PIPE,  # stays open as a leash
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    if run.claim(program.pid):
        program.stdin.write(f"{run.folder}\n".encode())
        program.stdin.flush()
        return program
    program.kill()
    program.communicate()
    return None


def _say_finished(results: Results, said: set[str]) -> None:
    """A line for each run that has finished since the last time."""
    for number, trial in enumerate(results.trials, 1):
        if trial.is_finished and trial.run_id not in said:
            said.add(trial.run_id)
            words = message(
                "run {number} of {all}: {setting}: validation accuracy {accuracy:.4f}",
                number=number,
                all=len(results.trials),
                setting=setting_words(results.sweep.in_which_they_differ(trial.values)),
                accuracy=trial.val_accuracy,
            )
            print(words, file=sys.stderr)


def _say_results(arguments: argparse.Namespace, saved: SavedSweep, results: Results) -> None:
    if results.best:
        for line in [*in_columns(_table(results)), _best_words(results), *cautions(results)]:
            say(arguments, line)
    say_json(arguments, {"sweep": saved.id, "best": _best(results.best), "runs": results.rows()})


def _table(results: Results) -> list[list[str]]:
    """A heading, and the settings, the best first."""
    names = [axis.name for axis in results.sweep.varied if axis.name != "seed"]
    spread = _("95% interval") if results.settings[0].has_interval else _("lowest – highest")
    headings = [
        *map(axis_word, names),
        _("validation accuracy"),
        spread,
        _("test accuracy"),
        _("seeds"),
    ]
    return [headings, *(_cells(setting, names) for setting in results.ranked)]


def _cells(setting: Setting, names: list[str]) -> list[str]:
    values = [value_words(setting.values[name]) for name in names]
    bounds = [figure(bound, ".4f") for bound in setting.bounds or ()]
    figures = [figure(setting.mean, ".4f"), " – ".join(bounds) or "–", figure(setting.test_mean, ".4f")]
    return [*values, *figures, f"{len(setting.finished)}"]


def _best_words(results: Results) -> str:
    best = results.best
    figures = {"accuracy": best.mean, "test": best.test_mean}
    setting = setting_words(results.sweep.in_which_they_differ(best.values))
    if not setting:
        return _("Over all seeds: validation accuracy {accuracy:.4f}; test accuracy {test:.4f}", **figures)
    return _(
        "Best by validation accuracy: {setting}: {accuracy:.4f}; test accuracy {test:.4f}",
        setting=setting,
        **figures,
    )


def _best(best: Setting | None) -> dict[str, Any] | None:
    if best is None:
        return None
    figures = {"val_accuracy": best.mean, "test_accuracy": best.test_mean, "bounds": best.bounds}
    return {"values": dict(best.values), "seeds": len(best.finished), **figures}


def _list(arguments: argparse.Namespace) -> None:
    store, rows = RunStore(home()), []
    sweeps = SweepStore(home()).list()
    if not sweeps:
        say(arguments, _("There are no sweeps yet."))
    for saved in sweeps:
        results = results_of(saved, store)
        done = len(results.of_status("finished"))
        rows.append({"sweep": saved.id, "name": saved.name, "finished": done, "runs": len(saved.runs)})
        say(arguments, f"{saved.id:40} {done}/{len(saved.runs)}  {saved.name}")
    say_json(arguments, {"sweeps": rows})
