"""One step of a lesson: what to expect, the code, a guess, the run, and what is read from it."""

from collections.abc import Mapping

import streamlit as st

from mnist_core.data.mnist import Dataset
from mnist_core.language.messages import _
from mnist_core.language.numbers import duration
from mnist_core.lessons.glossary import linked
from mnist_core.recipes.recipe import Recipe
from mnist_core.runs.run import Run, RunError
from mnist_core.runs.snapshot import snapshot_of, snapshots_of
from pages.components.charts.curves import show_curves
from pages.components.learn.progress import keep
from pages.components.learn.stage import Stage, is_whole
from pages.components.learn.views import VIEWS
from pages.components.page.acts import acts, refusals
from pages.components.page.text import plain
from pages.components.resources import describe, store
from pages.components.training.estimates import expected_seconds
from pages.components.training.run_view import show_state
from pages.components.training.words import queue_lines

_POLL = 1.0  # seconds


def show_step(stage: Stage) -> None:
    """The whole step, from its text to what was read."""
    step = stage.step
    st.markdown(linked(str(step.text)))
    if step.code:
        st.code(step.code.strip("\n"), language="python")
    if step.question:
        _ask(stage)
    if not stage.is_run:
        _show_start(stage)
    elif stage.is_complete:
        _show_result(stage)
    else:
        _show_training(stage)


def _ask(stage: Stage) -> None:
    """The question with its options; a guess can be changed until the step has been run."""
    question, key = stage.step.question, f"{stage.key}-guess"
    st.session_state[key] = stage.progress.guesses.get(stage.step.name)

    def guessed() -> None:
        stage.progress.guesses.pop(stage.step.name, None)
        if guess := st.session_state[key]:
            stage.progress.guesses[stage.step.name] = guess
        keep(stage.lesson)

    st.markdown(_("**Your guess:** {question}", question=str(question.text)))
    st.pills(
        str(question.text),
        list(question.options),
        format_func=lambda option: str(question.options[option]),
        key=key,
        on_change=guessed,
        disabled=stage.is_run,
        label_visibility="collapsed",
    )


def _show_start(stage: Stage) -> None:
    """The button that runs the step; for a training that others have made, one that takes theirs."""
    missing = _missing(stage)
    with st.container(horizontal=True, vertical_alignment="center"):
        label = _("Train and see") if missing else _("Run and see")
        st.button(
            label,
            icon=":material/play_arrow:",
            type="primary",
            key=f"{stage.key}-run",
            on_click=_run,
            args=(stage,),
        )
        if missing:
            runs = store().list()
            seconds = sum(expected_seconds(recipe, runs) for recipe in missing.values())
            st.markdown(_("about {time}", time=duration(seconds)))
        found = {name: run for name, recipe in missing.items() if (run := _trained(recipe, stage.dataset))}
        if missing and len(found) == len(missing):
            st.button(
                _("Use the finished training"),
                icon=":material/history:",
                key=f"{stage.key}-take",
                help=" · ".join(plain(describe(run)) for run in found.values()),
                on_click=_take,
                args=(stage, found),
            )


def _missing(stage: Stage) -> dict[str, Recipe]:
    """The recipes of the trainings that the step needs and does not have, by the lesson's names."""
    return {name: training.recipe for name, training in stage.trainings.items() if name not in stage.runs}


def _trained(recipe: Recipe, dataset: Dataset) -> Run | None:
    """The newest run that was trained by the same recipe."""
    return next(
        (run for run in store().list() if is_whole(run, dataset) and run.recipe.trains_like(recipe)), None
    )


def _under_way(recipe: Recipe) -> Run | None:
    """A run of the same recipe that waits or trains already, such as that of another tab."""
    active = (one.run for one in snapshots_of(store()).all if one.is_active)
    return next((run for run in active if run.recipe.trains_like(recipe)), None)


def _take(stage: Stage, found: dict[str, Run]) -> None:
    stage.progress.runs |= {name: run.id for name, run in found.items()}
    _done(stage)


def _run(stage: Stage) -> None:
    """Queue the trainings that are missing, and mark the step as run."""
    with refusals(as_toast=True):
        for name, recipe in _missing(stage).items():
            if stage.progress.runs.get(name) not in {run.id for run in store().list()}:  # a double click
                stage.progress.runs[name] = (_under_way(recipe) or _start(recipe)).id
        _done(stage)


def _start(recipe: Recipe) -> Run:
    return acts().start(recipe, seconds=expected_seconds(recipe, store().list()))


def _done(stage: Stage) -> None:
    if stage.step.name not in stage.progress.done:
        stage.progress.done.append(stage.step.name)
    keep(stage.lesson)


def _show_training(stage: Stage) -> None:
    """The trainings on their way; where one is missing or has failed, a button that starts it again."""
    runs = list(stage.runs.values())
    if missing := _missing(stage):
        st.info(_("The training of this step is not on this computer, or was deleted."), icon=":material/info:")
        _show_start_again(stage, dict.fromkeys(missing))
    active = [run for run in runs if snapshot_of(run).is_active]
    st.fragment(_watch, run_every=_POLL if active else None)(stage, len(active))


def _watch(stage: Stage, num_active: int) -> None:
    """The state of each run; reruns the page when one has ended."""
    snapshots = {name: snapshot_of(run) for name, run in stage.runs.items()}
    if sum(snapshot.is_active for snapshot in snapshots.values()) != num_active:
        st.rerun()
    lines = queue_lines(snapshots_of(store()))
    for name, snapshot in snapshots.items():
        if len(snapshots) > 1:
            st.markdown(f"**{stage.trainings[name].name}**")
        show_state(snapshot, lines.get(snapshot.run.id, ""))
        if snapshot.is_training or snapshot.status == "queued":
            _show_stop(snapshot.run)
        if not snapshot.is_active and not is_whole(snapshot.run, stage.dataset):
            words = _(
                "Nothing can be read from this training: it did not reach its end, or it saw other images."
            )
            st.warning(words, icon=":material/warning:")
            _show_start_again(stage, {name: snapshot.run.id})
    training = [snapshot for snapshot in snapshots.values() if snapshot.is_active and snapshot.rows]
    if training:
        show_curves(training[0].run, training[0].rows, f"{stage.key}-live")


def _show_stop(run: Run) -> None:
    is_theirs = acts().may_change(run)
    if is_theirs and st.button(_("Stop"), icon=":material/stop:", key=f"stop-{run.id}"):
        with refusals(as_toast=True):
            acts().stop(run)
            st.rerun()


def _show_start_again(stage: Stage, former: Mapping[str, str | None]) -> None:
    """A button that starts trainings again; `former` are the ids of the runs that they replace."""
    key = f"{stage.key}-again-{'-'.join(former)}"
    if not st.button(_("Train again"), icon=":material/replay:", key=key):
        return
    progress = stage.progress
    with refusals(as_toast=True):
        for name, run_id in former.items():
            if run_id is None or run_id in (
                progress.linked.get(name),
                progress.runs.get(name),
            ):  # no double click
                started = _start(stage.trainings[name].recipe)
                progress.linked.pop(name, None)
                progress.runs[name] = started.id
        keep(stage.lesson)
        st.rerun()


def _show_result(stage: Stage) -> None:
    """What the step shows, then what is read from it and whether the guess was right."""
    with st.container(key="result"):
        try:
            for name in stage.step.show:
                VIEWS[name](stage)
            if stage.step.says:
                _show_reading(stage)
            if stage.step.name not in stage.progress.read:
                stage.progress.read.append(stage.step.name)
                keep(stage.lesson)
        except (RunError, ValueError) as error:
            st.error(str(error), icon=":material/error:")
    if stage.step.question:
        _show_again(stage)


def _show_reading(stage: Stage) -> None:
    outcome, numbers = stage.read()
    right = stage.step.answer or outcome
    run = stage.evidence.run.id if stage.runs else ""
    said = linked(stage.step.says_of(outcome).say(**numbers), run)
    verdict = _verdict(stage, right)
    is_right = verdict and stage.progress.guesses[stage.step.name] == right
    box, icon = (st.success, ":material/check_circle:") if is_right else (st.info, ":material/lightbulb:")
    box(f"{verdict}\n\n{said}" if verdict else said, icon=icon)


def _verdict(stage: Stage, outcome: str) -> str:
    """Whether the guess was right; "" without one, and where it was about another image."""
    guess, question = stage.progress.guesses.get(stage.step.name), stage.step.question
    if not guess or outcome not in question.options or not (stage.step.answer or stage.is_as_asked):
        return ""
    if guess == outcome:
        return _("**Your guess was right.**")
    return _(
        "**You guessed “{guess}”; it is “{outcome}”.**",
        guess=str(question.options[guess]),
        outcome=str(question.options[outcome]),
    )


def _show_again(stage: Stage) -> None:
    def anew() -> None:
        stage.progress.done = [name for name in stage.progress.done if name != stage.step.name]
        stage.progress.guesses.pop(stage.step.name, None)
        keep(stage.lesson)

    st.button(_("Guess again"), icon=":material/undo:", type="tertiary", key=f"{stage.key}-anew", on_click=anew)
