"""What each role may do: checked where it is done, not by hiding buttons."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mnist_core.data.mnist import Split
from mnist_core.data.my_digits import MyDigits
from mnist_core.evaluation.judgements import Judgements
from mnist_core.files import write_json
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.limits import Limits
from mnist_core.runs.run import RunError
from mnist_core.runs.snapshot import snapshots_of
from mnist_core.sweeps.store import SweepStore
from mnist_core.sweeps.sweep import Axis, Sweep, seeds_from
from mnist_core.trash import Trash
from mnist_core.visitors.acts import Acts
from mnist_core.visitors.hidden import Hidden
from mnist_core.visitors.register import NotAllowed, Register
from mnist_core.visitors.visitor import OWN, UNKNOWN, Visitor

ADA, BO = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb"
RECIPE = RECIPES["softmax"]


class Queue:
    """A worker that only queues: no process is started."""

    def __init__(self, store) -> None:
        self.store = store

    def submit(self, recipe, files=None, owner=""):
        return self.store.create(recipe, files=files, owner=owner)

    def stop(self, run) -> None:
        run.ask_to_stop()

    def resume(self, run, epochs=None) -> None:
        run.resume(epochs)


@pytest.fixture
def acts(store):
    """Makes the acts of a visitor."""

    def of(id_: str, role: str = "pupil") -> Acts:
        return Acts(Visitor(id_, role), store, Queue(store), Register(store.home))

    return of


@pytest.fixture
def ada(acts):
    return acts(ADA)


def ended(run, seconds: float = 5.0):
    """The run after a training."""
    (run.folder / "metrics.jsonl").write_text(f'{{"epoch": 1, "step": 1, "seconds": {seconds}, "loss": 1.0}}\n')
    write_json(run.folder / "result.json", {"status": "stopped", "test_accuracy": 0.9, "epochs": 1})
    run.checkpoint_path.touch()
    return run


# Everything that can be done to a run or with the server, by one who may not and by one who may.
TO_A_RUN = {
    "stop": lambda acts, run: acts.stop(run),
    "resume": lambda acts, run: acts.resume(ended(run)),
    "rename": lambda acts, run: acts.rename(run, "Mine now"),
    "delete": lambda acts, run: acts.delete(run),
}
TEACHERS = {
    "move to the front": lambda acts, run: acts.move_to_front(run),
    "hide": lambda acts, run: acts.hide(run),
    "hide a name": lambda acts, run: acts.hide_name(run.owner),
    "set limits": lambda acts, run: acts.set_limits(Limits(minutes=1)),
}


def everything(folder) -> dict:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("act", [*TO_A_RUN.values(), *TEACHERS.values()], ids=[*TO_A_RUN, *TEACHERS])
@pytest.mark.parametrize(("id_", "role"), [(BO, "pupil"), (UNKNOWN, "unknown")])
def test_nobody_changes_another_visitors_run_or_what_is_the_teachers(acts, ada, act, id_, role):
    run = ended(ada.start(RECIPE)) if act is TO_A_RUN["resume"] else ada.start(RECIPE)
    before = everything(ada.home)
    with pytest.raises(NotAllowed, match=r"another visitor's run|Only a teacher|does not know who you are"):
        act(acts(id_, role), run)
    assert everything(ada.home) == before


@pytest.mark.parametrize("act", TEACHERS.values(), ids=TEACHERS)
def test_a_pupil_does_not_get_a_teachers_rights_over_their_own_run(ada, act):
    with pytest.raises(NotAllowed, match="Only a teacher"):
        act(ada, ada.start(RECIPE))


@pytest.mark.parametrize("act", TO_A_RUN.values(), ids=TO_A_RUN)
def test_a_pupil_acts_on_what_is_theirs(ada, act):
    act(ada, ada.start(RECIPE))


@pytest.mark.parametrize("act", [*TO_A_RUN.values(), *TEACHERS.values()], ids=[*TO_A_RUN, *TEACHERS])
@pytest.mark.parametrize(("id_", "role"), [(BO, "teacher"), (OWN, "own")])
def test_a_teacher_and_ones_own_machine_may_do_everything(acts, ada, act, id_, role):
    act(acts(id_, role), ada.start(RECIPE))


def test_what_belongs_to_nobody_only_a_teacher_changes(acts, ada, store):
    run = store.create(RECIPE)
    with pytest.raises(NotAllowed, match="belongs to everybody"):
        ada.delete(run)
    acts(BO, "teacher").delete(run)
    assert store.list() == []


def test_on_ones_own_machine_a_run_has_no_owner_and_no_limit(acts, store):
    Limits(1, 1, 1, 1).save(store.home)
    (store.home / "large").write_bytes(bytes(2_000_000))
    own = acts(OWN, "own")
    runs = [own.start(RECIPE, seconds=10_000) for _ in range(3)]
    assert [run.owner for run in runs] == ["", "", ""] and not (runs[0].folder / "owner.json").exists()


def test_who_is_unknown_can_start_and_keep_nothing(acts, store):
    unknown = acts(UNKNOWN, "unknown")
    test = Split(np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8))
    for act in (
        lambda: unknown.start(RECIPE),
        lambda: unknown.add_digit(MyDigits(store.home, UNKNOWN), 1, test.images[0]),
        lambda: unknown.judge(Judgements(store.home, test, UNKNOWN), 1, "label"),
        lambda: unknown.set_name("Eve"),
    ):
        with pytest.raises(NotAllowed, match="does not know who you are"):
            act()
    assert store.list() == [] and not (store.home / "my-digits").exists()


def test_digits_and_judgements_are_changed_by_their_owner_only(acts, ada, store):
    image, test = np.full((28, 28), 9, np.uint8), Split(np.zeros((3, 28, 28), np.uint8), np.zeros(3, np.uint8))
    hers, said = MyDigits(store.home, ADA), Judgements(store.home, test, ADA)
    digit = ada.add_digit(hers, 1, image)
    ada.judge(said, 1, "label")
    ada.bring_digits(hers, hers.as_npz())
    bo, before = acts(BO), everything(store.home)
    for act in (
        lambda: bo.delete_digit(hers, digit.id),
        lambda: bo.add_digit(hers, 2, image),
        lambda: bo.add_digit(MyDigits(store.home), 2, image),
        lambda: bo.bring_digits(hers, hers.as_npz()),
        lambda: bo.judge(said, 1, None),
    ):
        with pytest.raises(NotAllowed, match="belongs to another visitor"):
            act()
    assert everything(store.home) == before
    acts(BO, "teacher").delete_digit(hers, digit.id)
    assert hers.ids() == []


def test_a_visitor_waits_until_one_of_their_runs_has_ended(acts, ada, store):
    Limits(waiting=2).save(store.home)
    first, _ = ada.start(RECIPE), ada.start(RECIPE)
    with pytest.raises(NotAllowed, match="at most 2 runs that train or wait"):
        ada.start(RECIPE)
    acts(BO).start(RECIPE)
    acts(ADA, "teacher").start(RECIPE)
    ended(first)
    with pytest.raises(NotAllowed, match="at most 2 runs that train or wait"):
        ada.resume(first)


def test_a_visitor_keeps_no_more_runs_than_allowed(ada, store):
    Limits(kept=2).save(store.home)
    for _ in range(2):
        ended(ada.start(RECIPE))
    with pytest.raises(NotAllowed, match="keep at most 2 runs"):
        ada.start(RECIPE)
    ada.delete(store.list()[0])
    ada.start(RECIPE)
    with pytest.raises(NotAllowed, match="keep at most 2 runs"):
        ada.restore(Trash(store.home).list()[0])


def test_a_training_that_takes_too_long_is_not_begun_nor_gone_on_with(ada, acts, store):
    Limits(minutes=2).save(store.home)
    with pytest.raises(NotAllowed, match="at most 2 min"):
        ada.start(RECIPE, seconds=121)
    run = ended(ada.start(RECIPE, seconds=119), seconds=121)
    with pytest.raises(NotAllowed, match="at most 2 min"):
        ada.resume(run)
    with pytest.raises(NotAllowed, match="at most 2 min"):
        acts(BO, "teacher").start(RECIPE, seconds=121)


def test_a_full_server_keeps_no_more(ada, acts, store):
    Limits(megabytes=1).save(store.home)
    (store.home / "large").write_bytes(bytes(1_000_001))
    for act in (lambda: ada.start(RECIPE), lambda: ada.add_digit(MyDigits(store.home, ADA), 1, None)):
        with pytest.raises(NotAllowed, match="it may keep 1 MB"):
            act()
    acts(BO, "teacher").start(RECIPE)


def test_a_hidden_run_is_seen_by_its_owner_and_the_teacher(acts, ada):
    run, teacher = ada.start(RECIPE), acts(BO, "teacher")
    teacher.hide(run)
    teacher.hide_name(ADA)
    assert Hidden.of(ada.home) == Hidden(frozenset({run.id}), frozenset({ADA}))
    visitors = [who.visitor for who in (ada, teacher, acts(BO), acts(UNKNOWN, "unknown"))]
    assert [Hidden.of(ada.home).is_seen_by(who, run) for who in visitors] == [True, True, False, False]
    teacher.hide(run, False)
    teacher.hide_name(ADA, False)
    assert Hidden.of(ada.home).is_seen_by(acts(BO).visitor, run) and Hidden.of(ada.home) == Hidden()


@pytest.mark.parametrize("damaged", ["", "[]", '{"runs": 7}'])
def test_a_damaged_list_hides_nothing(tmp_path, damaged):
    (tmp_path / "hidden.json").write_text(damaged)
    assert Hidden.of(tmp_path) == Hidden()


def test_only_a_run_that_waits_can_be_moved_to_the_front(acts, ada, store):
    first, second = ada.start(RECIPE), ada.start(RECIPE)
    teacher = acts(BO, "teacher")
    teacher.move_to_front(second)
    assert [of.run for of in snapshots_of(store).waiting] == [second, first]
    with pytest.raises(RunError, match="does not wait any more"):
        teacher.move_to_front(ended(first))


def test_only_the_visitor_and_a_teacher_reach_what_is_kept_of_somebody(acts, ada):
    run = ada.start(RECIPE)
    for who in (acts(BO), acts(UNKNOWN, "unknown")):
        for act in (who.kept, who.delete_everything):
            with pytest.raises(NotAllowed, match=r"Only a teacher|does not know"):
                act(ADA)
    assert ada.kept().runs() == acts(BO, "teacher").kept(ADA).runs() == [run] and acts(BO).kept().runs() == []
    acts(BO).delete_everything()
    assert ada.kept().runs() == [run]
    ada.delete_everything()
    assert ada.kept().runs() == []


def test_what_was_deleted_only_its_owner_or_a_teacher_restores(acts, ada):
    run = ada.start(RECIPE)
    ada.delete(run)
    (item,) = Trash(ada.home).list()
    assert item.whose == ADA and not acts(BO).may_restore(item)
    for who in (acts(BO), acts(UNKNOWN, "unknown")):
        for act in (who.restore, who.discard):
            with pytest.raises(NotAllowed, match=r"another visitor|does not know"):
                act(item)
            with pytest.raises(NotAllowed, match=r"another visitor|does not know"):
                act(replace(item, whose=who.visitor.id))  # a forged one
    ada.restore(item)
    assert ada.store.list() == [run] and run.owner == ADA
    ada.delete(run)
    (item,) = Trash(ada.home).list()
    acts(BO, "teacher").discard(item)
    assert Trash(ada.home).list() == []


TO_A_SWEEP = {
    "stop": lambda acts, saved: acts.stop_sweep(saved),
    "resume": lambda acts, saved: acts.resume_sweep(saved),
    "delete": lambda acts, saved: acts.delete_sweep(saved),
}
SWEEP = Sweep(RECIPE, (Axis("batch_size", (32, 64)), seeds_from(0, 2)))


@pytest.mark.parametrize("act", TO_A_SWEEP.values(), ids=TO_A_SWEEP)
@pytest.mark.parametrize(("id_", "role"), [(BO, "pupil"), (UNKNOWN, "unknown")])
def test_nobody_changes_another_visitors_sweep(acts, ada, act, id_, role):
    saved = ada.start_sweep(SWEEP, "Ada's")
    before = everything(ada.home)
    with pytest.raises(NotAllowed, match=r"not your sweep|does not know who you are"):
        act(acts(id_, role), saved)
    assert everything(ada.home) == before


@pytest.mark.parametrize(("id_", "role"), [(ADA, "pupil"), (BO, "teacher"), (OWN, "own")])
def test_a_sweep_is_stopped_resumed_deleted_and_restored_as_one(acts, ada, store, id_, role):
    saved, acting = ada.start_sweep(SWEEP, "Ada's"), acts(id_, role)
    with pytest.raises(RunError, match="stop it first"):
        acting.delete_sweep(saved)
    acting.stop_sweep(saved)
    assert [of.status for of in snapshots_of(store).all] == ["stopped"] * 4
    acting.resume_sweep(saved)
    assert len(snapshots_of(store).waiting) == 4
    acting.stop_sweep(saved)
    acting.delete_sweep(saved)
    assert store.list() == [] and SweepStore(store.home).list() == []
    (item,) = Trash(store.home).list("sweep")
    ada.restore(item)
    assert SweepStore(store.home).list() == [saved] and {run.id for run in store.list()} == {*saved.runs}
    assert Trash(store.home).list() == []


def test_a_sweep_is_restored_whole_or_not_at_all_and_without_runs_that_were_deleted_before(ada, store):
    saved = ada.start_sweep(SWEEP, "Ada's")
    ada.stop_sweep(saved)
    first, *others = saved.runs
    ada.delete(store.get(first))
    ada.delete_sweep(saved)
    ada.start(RECIPE)
    (item,) = Trash(store.home).list("sweep")
    Limits(kept=3).save(store.home)
    with pytest.raises(NotAllowed, match=r"keep at most 3 runs\. You have 1, and these are 3 more"):
        ada.restore(item)
    assert len(store.list()) == 1 and len(Trash(store.home).list()) == 5
    Limits(kept=4).save(store.home)
    ada.restore(item)
    assert SweepStore(store.home).list() == [saved] and {run.id for run in store.list()} >= {*others}
    assert [Path(left.place).name for left in Trash(store.home).list()] == [first]


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        (Limits(waiting=4), "at most 4 runs that train or wait. You have 1, and these are 4 more"),
        (Limits(kept=4, waiting=None), "keep at most 4 runs. You have 1, and these are 4 more"),
        (Limits(minutes=1), "at most 1 min"),
    ],
)
def test_a_sweep_that_breaks_a_limit_starts_none_of_its_runs(ada, acts, store, limits, words):
    ada.start(RECIPE)
    limits.save(store.home)
    with pytest.raises(NotAllowed, match=words):
        ada.start_sweep(SWEEP, "Ada's", seconds=100.0)
    assert len(store.list()) == 1
    assert len(acts(BO, "teacher").start_sweep(SWEEP, "Bo's").runs) == 4


def test_another_visitors_run_takes_its_turn_among_those_of_a_sweep(ada, acts, store):
    ada.start_sweep(SWEEP, "Ada's")
    run = acts(BO).start(RECIPE)
    assert run in [snapshot.run for snapshot in snapshots_of(store).waiting[:2]]


def test_what_is_kept_of_a_visitor_includes_their_sweeps(ada, acts, store):
    saved, other = ada.start_sweep(SWEEP, "Ada's"), acts(BO, "teacher").start_sweep(SWEEP, "Bo's")
    with zipfile.ZipFile(io.BytesIO(ada.kept().as_zip())) as archive:
        assert f"sweeps/{saved.id}/sweep.json" in archive.namelist()
        assert f"sweeps/{other.id}/sweep.json" not in archive.namelist()
    ada.delete_everything()
    assert SweepStore(store.home).list() == [other]
