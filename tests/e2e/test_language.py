"""The two languages in a browser: the switch, and pages without a word of the other language."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from mnist_core.data import sources
from mnist_core.data.my_digits import MyDigits
from mnist_core.recipes.table import RECIPES
from mnist_core.runs.attempt import Attempt
from mnist_core.runs.store import RunStore
from tests.e2e.conftest import Server
from tests.e2e.steps import (
    SEVEN,
    begins_with,
    choose_recipe,
    draw,
    ended_run,
    ended_sweep,
    expect_empty,
    no_sideways_scrolling,
)

SAID = (Path(__file__).parent / "said.js").read_text("utf-8").partition("\n")[2]
# What stands in Latin letters on a Japanese page: names, terms of art and units.
TERMS = re.compile(
    r"""(MNIST(_DIR|_HOME)?|Keras|English|CSV|SVG|PNG|ZIP|IDX|JPEG|HEIC|NumPy|npz|zip|MD5|MB|Ctrl|Esc|Tab|Enter|Delete|F1
    |Chollet|ReLU|relu|sigmoid|softmax|tanh|t-SNE|EMA|bfloat16|one-cycle|one-hot|log|min|max
    |Northcutt|Athalye|and|Mueller|labelerrors|com|Zeiler|Fergus|val_loss|val_accuracy|shape|dtype|uint8|[xy]_(train|test)
    |Dense|Conv2D|Flatten|Dropout|(Average|Max)Pooling2D|GlobalAveragePooling2D|BatchNormalization|Activation
    |keras|saving|load_model|weights|h5|Studio
    |units|activation|initializer|filters|kernel|size|strides|padding|pool|rate
    |sgd|momentum|nesterov|rmsprop|adamw?|constant|cosine|[a-eADFMPUVYZsx])""",
    re.VERBOSE,
)
PATH = re.compile(r"/[\w./-]+")
LATIN, JAPANESE = re.compile(r"[A-Za-z][A-Za-z0-9_-]*"), re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
PAGES = ("/draw", "/mine", "/train", "/sweep", "/gallery", "/gallery?view=digits", "/gallery?view=map",
         "/gallery?view=confidence", "/gallery?view=compare", "/gallery?image=340", "/data", "/learn",
         "/learn?lesson=softmax&step=scale")  # fmt: skip
VIEWS = (
    "描画から入力まで",
    "どの画素が決め手か",
    "ネットワークの内部",
    "似ている訓練画像",
    "地図上の位置",
    "学習の経過",
)


def english_in(said: list[str]) -> list[str]:
    words = [(text, LATIN.findall(PATH.sub("", text))) for text in said]
    return [text for text, found in words if not all(map(TERMS.fullmatch, found))]


def japanese_in(said: list[str]) -> list[str]:
    return [text for text in said if JAPANESE.search(text) and text != "日本語"]


WRONG = {"ja-JP": english_in, "en-US": japanese_in}


def views(page: Page) -> Iterator[str]:
    """Opens one after the other what can be opened on the page, and says what."""
    yield "the page"
    for kind in ("[data-testid=stExpander] summary", "[data-testid=stPopover] button"):
        for opener in page.locator(f".stMain {kind}").all():
            if opener.is_visible() and opener.is_enabled():
                opener.click()
                yield opener.inner_text()
                if "stPopover" in kind:
                    page.keyboard.press("Escape")


def walk(page: Page, wrong_in: Callable[[list[str]], list[str]]) -> dict[str, list[str]]:
    """For each view of the page, what is said in the wrong language."""
    found = {}
    for view in views(page):
        expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1)
        if wrong := wrong_in(page.evaluate(SAID)):
            found[view] = wrong
    return found


@pytest.fixture
def furnished(server: Server, tmp_path, monkeypatch) -> Server:
    """A server with the visitor's digits, a run that has failed and one that has ended."""
    monkeypatch.setenv("MNIST_HOME", str(server.store.home))
    monkeypatch.setenv("KERAS_HOME", str(server.store.home))
    dataset = sources.load(download=False)
    for index in range(3):
        MyDigits(server.store.home).add(int(dataset.test.labels[index]), dataset.test.images[index], [])
    ended_run(server, dataset.test.labels, {0: 3, 1: 5}, "Softmax regression")
    ended_sweep(server, tmp_path / "sweep")
    failed = RunStore(tmp_path).create(RECIPES["fast"]).folder  # not in the server's queue
    Attempt(1, 1.0, None).claim(failed)
    shutil.move(failed, server.store.folder)
    return server


@pytest.mark.parametrize("locale", ["ja-JP", "en-US"])
def test_no_page_says_a_word_in_the_other_language(open_page, furnished, locale):
    page, wrong = open_page("/draw?run=starter", locale=locale), {}
    draw(page, SEVEN)
    expect(page.locator(".answer")).to_have_text(begins_with("7"))
    for path in PAGES:
        if path != "/draw":
            page.goto(furnished.address + path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1)
        wrong |= {f"{path}, {view}": said for view, said in walk(page, WRONG[locale]).items()}
    for recipe in ("own", "past", "tuning-c"):
        page.goto(f"{furnished.address}/train?recipe={recipe}")
        expect(page.locator(f'.chooser [value="{recipe.partition("-")[0]}"]').first).to_be_checked()
        wrong |= {f"{recipe}, {view}": said for view, said in walk(page, WRONG[locale]).items()}
    assert wrong == {}


def test_why_a_digit_was_read_so_is_said_in_japanese(open_page):
    page = open_page("/draw", locale="ja-JP")
    draw(page, SEVEN)
    for view in VIEWS:
        page.get_by_role("radio", name=view).click()
        expect(page.get_by_role("radio", name=view)).to_be_checked()
        expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1)
        assert english_in(page.evaluate(SAID)) == [], view


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/draw?drawing=nonsense", "リンク"),
        ("/draw?behind=abc", "画像 abc はありません"),
        ("/draw?run=gone", "学習結果 gone は見つかりません"),
        ("/data?number=many&set=none", "解釈できない部分があります"),
    ],
)
def test_what_is_wrong_with_a_link_is_said_in_japanese(open_page, path, words):
    page = open_page(path, locale="ja-JP")
    expect(page.get_by_test_id("stToast").filter(has_text=words)).to_be_visible()
    its_own = re.compile("abc|gone|set|number")
    assert english_in([its_own.sub("", text) for text in page.evaluate(SAID)]) == []


def test_the_switch_changes_the_words_and_nothing_else(open_page):
    page = open_page("/draw")
    draw(page, SEVEN)
    expect(page.locator(".answer")).to_have_text(begins_with("7"))
    page.get_by_role("button", name="日本語").click()
    expect(page.get_by_role("heading", name="数字を描く")).to_be_visible()
    expect(page.locator(".answer")).to_have_text(re.compile("7.*確信度", re.DOTALL))
    expect(page.get_by_role("link", name="ギャラリー")).to_be_visible()
    assert "lang=ja" in page.url and page.evaluate("document.documentElement.lang") == "ja"
    page.get_by_role("button", name="戻す").click()
    expect(page.locator(".answer")).to_have_text(begins_with("–"))
    page.get_by_role("button", name="やり直す").click()
    expect(page.locator(".answer")).to_have_text(begins_with("7"))
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Draw a digit")).to_be_visible()
    expect(page.locator(".answer")).to_have_text(begins_with("7"))


def test_what_was_chosen_and_typed_stays_when_the_language_changes(open_page, furnished):
    page = open_page("/train?lang=en")
    choose_recipe(page, "Your own network")
    page.get_by_label("Name", exact=True).fill("Ada's network")
    page.get_by_label("Name", exact=True).press("Enter")
    page.get_by_role("button", name="日本語").click()
    expect(page.get_by_label("名前", exact=True)).to_have_value("Ada's network")
    page.get_by_label("名前", exact=True).fill("Ada's other network")
    page.get_by_label("名前", exact=True).press("Enter")
    expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1)
    expect(page.get_by_role("radio", name="自分で組み立てる")).to_be_checked()
    run = next(run for run in furnished.store.list() if run.has_model)
    page.goto(f"{furnished.address}/gallery?run={run.id}&lang=ja")
    page.get_by_text("すべて", exact=True).first.click()
    page.get_by_role("radio", name="確信度").click()
    expect(page.get_by_text("較正誤差")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("radio", name="Confidence")).to_be_checked()
    expect(page.get_by_role("radio", name="All", exact=True)).to_be_checked()


@pytest.mark.fresh_server
def test_a_training_goes_on_when_the_language_changes(open_page, server):
    page = open_page("/train?recipe=fast")
    page.get_by_role("button", name="Start training").click()
    expect(page.locator(".st-key-status")).to_contain_text("epoch 1 of")
    page.get_by_role("button", name="日本語").click()
    expect(page.locator(".st-key-status")).to_contain_text(re.compile("学習中|完了"))
    expect(page.locator(".st-key-status")).to_contain_text("完了")
    expect(page.locator(".curves .legend")).to_contain_text("検証データ")
    assert len(server.store.list()) == 1


def test_the_language_is_remembered_and_a_first_visit_follows_the_browser(open_page):
    page = open_page("/gallery", locale="ja-JP")
    expect(page.get_by_role("heading", name="ギャラリー")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    page.goto(page.url.split("?")[0])
    expect(page.get_by_role("heading", name="Gallery")).to_be_visible()
    expect(
        open_page("/data?lang=ja", as_another=True).get_by_role("heading", name="数字のデータ")
    ).to_be_visible()


def test_two_visitors_in_two_languages_do_not_mix(open_page):
    japanese, english = open_page("/draw", locale="ja-JP"), open_page("/draw", as_another=True)
    for _ in range(4):
        for page in (japanese, english):
            draw(page, SEVEN)
        expect(japanese.locator(".answer")).to_contain_text("確信度")
        expect(english.locator(".answer")).to_contain_text("sure")
        assert english_in(japanese.evaluate(SAID)) == japanese_in(english.evaluate(SAID)) == []
        japanese.get_by_role("button", name="消去").click()
        english.get_by_role("button", name="Clear").click()
        for page in (japanese, english):
            expect_empty(page)


@pytest.mark.parametrize("path", ["/draw", "/train", "/sweep", "/gallery", "/data"])
def test_japanese_fits_a_phone(open_page, path):
    page = open_page(path, width=390, locale="ja-JP")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("[data-test-script-state=notRunning]")).to_have_count(1)
    assert no_sideways_scrolling(page)
