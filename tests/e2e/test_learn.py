"""Lessons in a real browser."""

import re

from playwright.sync_api import Page, expect

from mnist_core.language.catalogues import using
from mnist_core.lessons.lesson import LESSONS
from mnist_core.preprocessing.drawings import to_text
from mnist_core.preprocessing.examples import EXAMPLES
from tests.e2e.steps import no_sideways_scrolling

SOFTMAX = LESSONS["softmax"]
OUTLINE = ".st-key-outline"


def guess_and_run(page: Page, lesson: str, step: str) -> None:
    """Make the first guess, run the step, and wait for what is read from it."""
    key = f".st-key-{lesson}-{step}"
    page.locator(f"{key}-guess button").first.click()
    expect(page.locator(f"{key}-guess button").first).to_have_attribute("aria-checked", "true")
    page.locator(f"{key}-run button").click()
    expect(page.locator(".st-key-result [data-testid=stAlert]")).to_be_visible(timeout=240_000)


def test_a_newcomer_goes_through_the_first_lesson_in_japanese_and_finds_it_again(open_page):
    page = open_page("/", locale="ja-JP")
    page.get_by_role("link", name="学ぶ").click()
    page.locator(".st-key-open-softmax button").click()
    with using("ja"):
        titles = [str(step.title) for step in SOFTMAX.steps]
    for place, step in enumerate(SOFTMAX.steps):
        expect(page.get_by_role("heading", name=f"{place + 1} · {titles[place]}")).to_be_visible()
        guess_and_run(page, "softmax", step.name)
        expect(page.locator(".st-key-result")).to_contain_text(re.compile("予想"))
        if place + 1 < len(SOFTMAX.steps):
            page.get_by_role("button", name="次のステップ").click()
    expect(page.get_by_text("このレッスンは、これで終わりです。")).to_be_visible()
    page.reload()
    expect(page.locator(OUTLINE).get_by_text("check_circle")).to_have_count(len(SOFTMAX.steps))
    page.get_by_role("button", name="レッスン一覧").click()
    expect(page.get_by_text("8 ステップ中 8 ステップ完了")).to_be_visible()


def test_a_link_opens_a_step_with_its_run_and_its_image(open_page, server):
    page = open_page("/learn?lesson=softmax&step=train")
    guess_and_run(page, "softmax", "train")
    run = server.store.list()[0].id
    other = open_page(f"/learn?lesson=softmax&step=table&run={run}&image=3", as_another=True)
    expect(other.get_by_role("heading", name="8 · Ten probabilities")).to_be_visible()
    other.get_by_role("button", name="Run and see").click()
    expect(other.locator(".st-key-softmax-table-image input")).to_have_value("3")
    other.get_by_role("button", name="Send this step").click()
    expect(other.locator("code").last).to_contain_text(f"step=table&run={run}&image=3")
    drawn = to_text(EXAMPLES["clear"][1])
    third = open_page(f"/learn?lesson=softmax&step=table&run={run}&drawing={drawn}", as_another=True)
    third.get_by_role("button", name="Run and see").click()
    expect(third.locator(".st-key-result")).to_contain_text("Your drawing is read as")


def test_a_link_to_what_is_not_there_says_so_and_the_lesson_still_opens(open_page):
    page = open_page("/learn?lesson=softmax&step=nowhere&run=gone&image=99999999")
    expect(page.get_by_text("The run gone is not one of this lesson's, or it was deleted.")).to_be_visible()
    expect(page.get_by_role("heading", name="1 · Four arrays")).to_be_visible()
    page = open_page("/learn?lesson=nowhere")
    expect(page.get_by_text("There is no lesson nowhere.")).to_be_visible()
    expect(page.get_by_role("heading", name="The five tutorials")).to_be_visible()


def test_a_lesson_opens_where_the_learner_was_in_another_tab_too(open_page):
    page = open_page("/learn?lesson=softmax&step=model")
    expect(page.get_by_role("heading", name="5 · One layer")).to_be_visible()
    expect(page).to_have_url(re.compile("step=model"))
    other = page.context.new_page()
    other.goto(page.url.split("?")[0] + "?lesson=softmax")
    expect(other.get_by_role("heading", name="5 · One layer")).to_be_visible()
    other.close()


def test_lessons_and_words_fit_a_phone_and_a_word_leads_to_its_explanation(open_page):
    page = open_page("/learn", width=390)
    expect(page.locator(".st-key-card-zeros")).to_be_visible()
    assert no_sideways_scrolling(page)
    page.goto(page.url.split("?")[0] + "?lesson=softmax&step=train")
    link = page.get_by_role("link", name="epoch")
    expect(link).to_have_attribute("title", re.compile("training images"))
    assert no_sideways_scrolling(page)
    with page.context.expect_page() as opened:
        link.click()
    expect(opened.value.locator(".st-key-term-epoch")).to_be_in_viewport()
    assert no_sideways_scrolling(opened.value)
    opened.value.close()
