"""Sentences and numbers in the language of who reads them."""

import json
import os
import pickle
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from string import Formatter
from threading import Barrier

import pytest

from mnist_core.exchange.keras_code import script
from mnist_core.explain.learnt import learnt_when
from mnist_core.language import catalogues
from mnist_core.language.catalogues import best_of, languages, of_environment, own_name, using
from mnist_core.language.figures import share
from mnist_core.language.messages import _, message, message_n, ngettext, said_by, sentences
from mnist_core.language.numbers import duration, figure, listed
from mnist_core.recipes.layers import Dense
from mnist_core.recipes.network import summary
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.diagnosis import NOTHING_LEARNT, WORDS, Remark
from mnist_core.runs.history import changes, history
from mnist_core.runs.snapshot import STATUSES, snapshots_of
from mnist_core.runs.words import SETTINGS, STATUS_WORDS, log_words, status_word

ROOT = Path(__file__).parents[3]
GERMAN = """
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "queued"
msgstr "wartet"

msgid "one digit"
msgid_plural "{number} digits"
msgstr[0] "eine Ziffer"
msgstr[1] "{number} Ziffern"

msgid "under {share:.1%}"
msgstr "unter {share:.1%}"
"""


@pytest.fixture
def german(tmp_path, monkeypatch):
    """A folder of languages that holds one, as a single file that nobody has compiled."""
    (tmp_path / "de.po").write_text(GERMAN, "utf-8")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    cached = (languages, own_name, catalogues.catalogue)
    for function in cached:
        function.cache_clear()
    yield
    for function in cached:
        function.cache_clear()


def test_a_message_is_in_the_language_of_who_reads_it():
    said = message("Run {run} is being trained: stop it first.", run="x")
    assert str(said) == "Run x is being trained: stop it first."
    with using("ja"):
        assert str(said) == "学習 x は実行中です。先に停止してください。"
    assert str(said) == "Run x is being trained: stop it first."


def test_an_error_is_in_the_language_of_who_reads_it_and_an_inner_one_with_it():
    with pytest.raises(ValueError) as caught:
        summary([Dense(10, "softmax")])
    assert str(caught.value).startswith("Layer 1, Dense: Dense takes a vector, but its input is 28 × 28 × 1.")
    with using("ja"):
        assert str(caught.value).startswith("1 番目の層 Dense：Dense の入力はベクトルでなければなりませんが")


def test_two_threads_in_two_languages_do_not_mix():
    said, together = message("queued"), Barrier(2)

    def read(code: str) -> set[str]:
        with using(code):
            together.wait(10)
            return {str(said) for _ in range(2000)}

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(read, ("en", "ja"))) == [{"queued"}, {"順番待ち"}]


def test_a_message_goes_from_one_process_to_another_and_is_translated_there():
    said = message("Layer {number}, {kind}: {problem}", number=1, kind="Dense", problem=message("queued"))
    copy = pickle.loads(pickle.dumps(said))
    assert copy == said and hash(copy) == hash(said)
    with using("ja"):
        assert str(copy) == "1 番目の層 Dense：順番待ち"


def test_there_is_a_form_for_one_and_one_for_many_where_the_language_has_both(german):
    assert [str(message_n("one digit", "{number} digits", n)) for n in (1, 3)] == ["one digit", "3 digits"]
    with using("de"):
        assert [ngettext("one digit", "{number} digits", n) for n in (1, 3)] == ["eine Ziffer", "3 Ziffern"]


def test_japanese_has_one_form_for_all_numbers():
    texts = (
        "At least {fewest} digits are needed. Draw one more.",
        "At least {fewest} digits are needed. Draw {number} more, of different digits.",
    )
    with using("ja"):
        one, many = (ngettext(*texts, n, fewest=10) for n in (1, 7))
    assert many == one.replace("あと 1 個", "あと 7 個") != one


def test_numbers_are_written_as_is_usual_in_the_language(german):
    said = message("{count:,} of {share:.1%}, {rate:g}, {plain}", count=12345, share=0.125, rate=0.001, plain=7)
    assert str(said) == "12,345 of 12.5%, 0.001, 7"
    with using("de"):
        assert str(said) == "12.345 of 12,5%, 0.001, 7"
        assert figure(1234.5, ",.2f") == "1.234,50" and share(0.0001) == "unter 0,1%"
    assert figure(-1e30, ".4f") == "-1e+30" and figure(1.5e12, ",d") == "1,500,000,000,000"
    assert share(0.0001) == "under 0.1%" and share(0.99999) == "over 99.9%" and share(0.5) == "50.0%"


def test_durations_and_lists_are_written_as_is_usual_in_the_language():
    assert duration(130) == "2 min 10 sec" and listed(["a", "b", "c"]) == "a, b, and c"
    with using("ja"):
        assert duration(3900) == "1 時間 5 分" and listed(["a", "b", "c"]) == "a、b、c"


def test_sentences_stand_apart_only_where_the_language_has_spaces():
    said = sentences([message("It timed out."), message("There is no connection.")])
    assert str(said) == "It timed out. There is no connection."
    with using("ja"):
        assert str(said) == "タイムアウトしました。接続できません。"


def test_what_an_error_says_is_kept_without_the_error():
    said = message("It timed out.")
    assert said_by(ValueError(said)) is said and said_by(OSError(2, "gone")) == "[Errno 2] gone"


def test_a_sentence_without_a_translation_is_shown_in_english():
    with using("ja"):
        assert _("No language has {what}.", what="this") == "No language has this."


def test_braces_of_a_sentence_without_values_and_of_values_stay():
    assert _("{not a placeholder}") == "{not a placeholder}"
    assert str(message("{file}: {problem}", file="{x}", problem="{0}")) == "{x}: {0}"


def test_a_further_language_is_one_file(german):
    assert languages() == ("en", "de") and own_name("de") == "Deutsch"
    with using("de"):
        assert status_word("queued") == "wartet" and status_word("finished") == "finished"
    with using("ja"):  # which this folder does not have
        assert status_word("queued") == "queued"


@pytest.mark.parametrize(
    ("wanted", "best"),
    [
        (["ja-JP"], "ja"),
        (["ja_JP"], "ja"),
        (["fr", "ja"], "ja"),
        (["en-GB", "ja"], "en"),
        (["", "xx"], "en"),
        ([], "en"),
    ],
)
def test_the_best_language_is_the_first_wanted_that_there_is(wanted, best):
    assert best_of(wanted) == best


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({"LANG": "ja_JP.UTF-8"}, "ja"),
        ({"LANG": "ja_JP.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "", "LC_ALL": "ja_JP"}, "ja"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({}, "en"),
    ],
)
def test_a_terminals_language_is_that_of_its_environment(monkeypatch, variables, code):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert of_environment() == code


def core(language: str, *arguments: str) -> subprocess.CompletedProcess:
    kept = {name: value for name, value in os.environ.items() if name not in ("LC_ALL", "LC_MESSAGES")}
    command = [sys.executable, "-m", "mnist_core", *arguments]
    return subprocess.run(
        command, cwd=ROOT, env={**kept, "LANG": language}, capture_output=True, encoding="utf-8", check=False
    )


def test_the_terminal_speaks_the_language_of_its_environment_and_json_is_the_same_in_all(store):
    store.create(RECIPES["softmax"])
    english, japanese = (core(language, "runs") for language in ("en_US.UTF-8", "ja_JP.UTF-8"))
    assert "queued         number 1 in line" in english.stdout
    assert "順番待ち       順番待ち 1 番目" in japanese.stdout  # as wide: such a letter takes two columns
    assert "レシピを 1 つ選んで学習する。" in core("ja_JP.UTF-8", "--help").stdout
    refused = core("ja_JP.UTF-8", "train", "magic")
    assert refused.returncode == 1 and refused.stderr.startswith("エラー：レシピ 'magic' はありません。")
    for command in ("runs", "recipes"):
        english, japanese = (
            core(language, command, "--json").stdout for language in ("en_US.UTF-8", "ja_JP.UTF-8")
        )
        assert english == japanese and json.loads(japanese)


def test_every_status_and_every_setting_has_a_word():
    assert tuple(STATUS_WORDS) == STATUSES
    named = {name for name in vars(RECIPES["softmax"]) if name not in ("title", "shows", "published")}
    assert set(SETTINGS) == named


def test_a_log_stays_as_it_is_but_for_our_own_sentences():
    log = "Killed\nThe training process ended with signal 9.\nThe training process ended with signal nine."
    assert log_words(log) == log
    with using("ja"):
        killed, ours, others = log_words(log).split("\n")
    assert (killed, ours) == ("Killed", "学習プロセスはシグナル 9 で終了しました。")
    assert others == "The training process ended with signal nine."


def test_what_is_said_of_a_run_has_its_numbers_in_every_language():
    names = {
        name for text in (*WORDS.values(), NOTHING_LEARNT) for _, name, *_ in Formatter().parse(text) if name
    }
    numbers = dict.fromkeys(names, 0.25)
    for code in WORDS:
        english = Remark(code, numbers).words
        with using("ja"):
            japanese = Remark(code, numbers).words
        assert japanese != english and japanese.endswith("。") and english.endswith(".")
        assert "{" not in english + japanese


def test_when_an_image_was_learnt_is_said_in_whole_sentences():
    assert learnt_when({1: True, 2: True}) == "Read correctly from epoch 1 on."
    assert learnt_when({1: False}) == "Never read correctly."
    assert learnt_when({1: False, 2: True}) == "Learnt by epoch 2."
    turns = {1: True, 3: False, 5: True, 6: False}
    assert learnt_when(turns) == (
        "Read correctly at epoch 1. Forgotten by epoch 3. Learnt again by epoch 5. Forgotten by epoch 6."
    )
    with using("ja"):
        assert learnt_when({1: False, 2: True}) == "エポック 2 までに学習しました。"


def test_a_keras_script_has_its_comments_in_the_readers_language_and_the_same_code():
    def code(text: str) -> list[str]:
        return [
            line.partition("  #")[0] for line in text.splitlines() if not line.lstrip().startswith(("#", '"""'))
        ]

    for recipe in RECIPES.values():
        english = script(recipe)
        with using("ja"):
            japanese = script(recipe)
        compile(japanese, "script", "exec")
        assert japanese != english and code(japanese) == code(english)


def test_a_table_for_files_is_in_english_and_what_is_shown_is_not(store):
    changed = replace(RECIPES["softmax"], epochs=3)
    store.create(changed)
    with using("ja"):
        (row,) = history(snapshots_of(store).all)
        assert changes(RECIPES["softmax"], changed) == ["エポック数 20 → 3"]
    assert (row["state"], row["changed"]) == ("queued", "epochs 20 → 3")
