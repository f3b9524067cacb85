"""The Data page, as a visitor sees it."""

from playwright.sync_api import expect

from tests.e2e.steps import no_sideways_scrolling

GRID = ".st-key-images button"


def test_the_first_fifteen_are_shown_and_a_click_shows_one_with_its_numbers(open_page):
    page = open_page("/data")
    expect(page.locator(GRID)).to_have_count(15)
    page.locator(GRID).nth(3).click()
    expect(page.get_by_role("heading", name="Training image 3: 1")).to_be_visible()
    expect(page.get_by_role("table", name="the 784 pixels of this image").locator("td")).to_have_count(784)


def test_a_link_shows_any_number_of_any_digit_from_any_index(open_page):
    page = open_page("/data?set=test&digit=4&from=2&number=7&order=unusual")
    expect(page.locator(GRID)).to_have_count(7)
    assert all("labelled 4" in tile.get_attribute("title") for tile in page.locator(GRID).all())
    page.get_by_label("How many").fill("9")
    page.get_by_label("How many").press("Enter")
    expect(page.locator(GRID)).to_have_count(9)
    assert "number=9" in page.url
    expect(
        open_page("/data?number=many&set=none").get_by_text("has parts that are not understood")
    ).to_be_visible()


def test_each_click_shows_other_random_images(open_page):
    page = open_page("/data?order=random")
    expect(page.locator(GRID)).to_have_count(15)
    before = page.locator(GRID).first.get_attribute("data-index")
    page.get_by_role("button", name="Others").click()
    expect(page.locator(GRID).first).not_to_have_attribute("data-index", before)


def test_it_fits_a_phone(open_page):
    page = open_page("/data", width=390, dark=True)
    expect(page.locator(GRID)).to_have_count(15)
    assert no_sideways_scrolling(page)
