"""No answer is ever lost: without a network, through reloads, killed servers, tabs and devices."""

from __future__ import annotations

import pytest
from browser.forms import filling, form_of
from playwright.sync_api import expect

FORM = form_of("""
    | type    | name  | label | required |
    | text    | name  | Nama  | yes      |
    | integer | age   | Umur  |          |
    | text    | story | Cerita |         |
""")


@pytest.fixture
def desk(chromium):
    with filling(chromium, FORM) as desk:
        yield desk


def state(desk):
    return desk.page.locator(".pk-status")


def send(page):
    page.get_by_role("button", name="Periksa dan kirim").first.click()
    page.get_by_role("button", name="Kirim", exact=True).click()


def test_an_answer_lies_in_the_browser_before_the_server_has_heard_of_it(desk):
    desk.context.set_offline(True)
    desk.page.get_by_label("Nama").fill("Siti")
    assert len(desk.kept_here()) == 1
    expect(state(desk)).to_have_attribute("data-state", "offline")
    desk.context.set_offline(False)
    assert desk.answers == {"name": "Siti"}
    expect(state(desk)).to_have_attribute("data-state", "saved")
    assert desk.kept_here() == []


def test_a_hundred_letters_are_far_fewer_answers_sent(desk):
    """How few depends on how fast letters come and answers go; on a quiet machine it is a handful."""
    story = "kampung " * 12
    desk.page.get_by_label("Cerita").press_sequentially(story)
    assert desk.answers == {"story": story}
    assert len(desk.site.drafts.taken) < len(story) / 2


def test_typing_is_not_overwritten_by_what_comes_from_the_server(desk):
    field = desk.page.get_by_label("Umur")
    field.press_sequentially("007", delay=250)  # the server says 7 meanwhile
    expect(field).to_have_value("007")
    desk.page.get_by_label("Nama").click()
    assert desk.answers == {"age": "7"}
    expect(field).to_have_value("7")


def test_a_server_that_is_killed_and_started_again_gets_everything_once(desk):
    desk.page.get_by_label("Nama").fill("Siti")
    desk.settle()
    desk.site.stop()
    desk.page.get_by_label("Umur").fill("41")
    desk.page.get_by_label("Cerita").fill("Emping melinjo")
    expect(state(desk)).to_have_attribute("data-state", "offline")
    desk.site.start()
    assert desk.answers == {"name": "Siti", "age": "41", "story": "Emping melinjo"}


def test_an_answer_whose_receipt_was_lost_is_sent_again_and_counted_once(desk):
    desk.site.loses_replies_to.add("sync")
    desk.page.get_by_label("Nama").fill("Siti")
    expect(state(desk)).to_have_attribute("data-state", "offline")
    desk.site.loses_replies_to.clear()
    assert desk.answers == {"name": "Siti"}
    numbers = [op["n"] for op in desk.site.drafts.taken if op["op"] == "answer"]
    assert numbers == sorted(set(numbers))
    assert desk.site.asked.count("sync") >= 2


def test_a_reload_in_the_middle_of_a_word_loses_no_letter(desk):
    desk.site.loses_replies_to.add("sync")
    desk.page.get_by_label("Nama").press_sequentially("Siti Aminah")
    desk.site.loses_replies_to.clear()
    desk.load()
    expect(desk.page.get_by_label("Nama")).to_have_value("Siti Aminah")
    assert desk.answers == {"name": "Siti Aminah"}


def test_what_was_typed_while_the_server_was_gone_survives_a_reload(desk):
    desk.site.stop()
    desk.page.get_by_label("Nama").fill("Siti")
    desk.page.get_by_label("Umur").fill("41")
    desk.page.close()
    desk.page = desk.context.new_page()
    desk.site.start()
    desk.load()
    expect(desk.page.get_by_label("Umur")).to_have_value("41")
    assert desk.answers == {"name": "Siti", "age": "41"}


def test_two_tabs_of_one_draft_leave_each_others_answers_alone(desk):
    second = desk.load(desk.context.new_page())
    desk.context.set_offline(True)
    desk.page.get_by_label("Nama").fill("Siti")
    second.get_by_label("Umur").fill("41")
    for _ in range(100):  # tabs see each other's a moment later
        if len(desk.kept_here()) == 2:
            break
        desk.page.wait_for_timeout(50)
    assert len(desk.kept_here()) == 2
    desk.context.set_offline(False)
    desk.settle()
    expect(second.locator(".pk-status")).to_have_attribute("data-state", "saved")
    assert desk.answers == {"name": "Siti", "age": "41"}


def test_another_device_goes_on_where_the_first_one_stopped(desk):
    desk.page.get_by_label("Nama").fill("Siti")
    desk.settle()
    other = desk.browser.new_context()
    phone = desk.load(other.new_page())
    expect(phone.get_by_label("Nama")).to_have_value("Siti")
    phone.get_by_label("Umur").fill("41")
    expect(phone.locator(".pk-status")).to_have_attribute("data-state", "saved")
    other.close()
    desk.load()
    expect(desk.page.get_by_label("Umur")).to_have_value("41")


def test_a_sent_form_gives_a_receipt_and_leaves_nothing_behind(desk):
    desk.page.get_by_label("Nama").fill("Siti")
    send(desk.page)
    expect(desk.page.get_by_role("heading", name="Sudah diterima")).to_be_focused()
    expect(desk.page.get_by_text("PK-7K3M-9QXR")).to_be_visible()
    assert "<name>Siti</name>" in desk.site.drafts.sent[desk.draft][0]
    assert desk.kept_here() == []


def test_a_form_sent_without_a_network_arrives_by_itself_exactly_once(desk):
    desk.page.get_by_label("Nama").fill("Siti")
    desk.settle()
    desk.site.stop()
    send(desk.page)
    expect(desk.page.get_by_text("terkirim sendiri, satu kali saja")).to_be_visible()
    desk.site.loses_replies_to.add("submit")  # the first time nobody hears that it arrived
    desk.site.start()
    expect(desk.page.get_by_role("heading", name="Periksa dan kirim")).to_be_visible()
    desk.page.wait_for_timeout(1500)
    desk.site.loses_replies_to.clear()
    expect(desk.page.get_by_role("heading", name="Sudah diterima")).to_be_visible(timeout=15_000)
    assert len(desk.site.drafts.sent) == 1


def test_a_form_that_is_refused_for_good_is_not_sent_again_until_somebody_presses(desk):
    closed = {"error": {"message": "Formulir ini sudah ditutup."}}
    asked = []

    def refuse(route):
        asked.append(route.request.url)
        route.fulfill(status=422, json=closed)

    desk.page.route("**/survey/api/submit", refuse)
    desk.page.get_by_label("Nama").fill("Siti")
    send(desk.page)
    expect(state(desk)).to_contain_text("Formulir ini sudah ditutup.")
    desk.page.wait_for_timeout(3000)  # a refusal that means "later" is tried again after 0.8 and 1.6 s
    assert len(asked) == 1
    expect(state(desk)).to_contain_text("Formulir ini sudah ditutup.")
    desk.page.unroute("**/survey/api/submit")
    desk.page.get_by_role("button", name="Kirim", exact=True).click()
    expect(desk.page.get_by_role("heading", name="Sudah diterima")).to_be_visible()
    assert len(desk.site.drafts.sent) == 1


def test_a_form_that_is_sent_too_soon_is_sent_again_by_itself(desk):
    asked = []

    def refuse_twice(route):
        asked.append(route.request.url)
        if len(asked) > 2:
            route.continue_()
        else:
            route.fulfill(status=429, headers={"Retry-After": "1"}, json={"error": {"message": "Tunggu."}})

    desk.page.route("**/survey/api/submit", refuse_twice)
    desk.page.get_by_label("Nama").fill("Siti")
    send(desk.page)
    expect(desk.page.get_by_role("heading", name="Sudah diterima")).to_be_visible()
    assert len(asked) == 3
    assert len(desk.site.drafts.sent) == 1


def test_a_submission_that_waits_goes_on_after_a_reload_or_can_be_taken_back(desk):
    desk.page.get_by_label("Nama").fill("Siti")
    desk.settle()
    desk.site.loses_replies_to.add("submit")
    send(desk.page)
    desk.page.get_by_role("button", name="Belum: lanjutkan mengisi").click()
    expect(desk.page.get_by_role("button", name="Kirim", exact=True)).to_be_visible()
    desk.page.get_by_role("button", name="Kirim", exact=True).click()
    desk.page.wait_for_timeout(200)
    desk.site.loses_replies_to.clear()
    desk.load()
    expect(desk.page.get_by_role("heading", name="Sudah diterima")).to_be_visible()


def test_where_the_browser_keeps_nothing_it_says_so_and_asks_before_it_closes(chromium):
    with filling(chromium, FORM) as desk:
        desk.page.add_init_script("Storage.prototype.setItem = () => { throw new Error('full'); };")
        desk.load()
        desk.context.set_offline(True)
        desk.page.get_by_label("Nama").fill("Siti")
        expect(state(desk)).to_have_attribute("data-state", "unsafe")
        asked = []
        desk.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
        desk.page.close(run_before_unload=True)
        desk.page.wait_for_timeout(200)
        assert asked == ["beforeunload"]
        desk.context.set_offline(False)
        assert desk.answers == {"name": "Siti"}


def test_a_file_chosen_without_a_network_is_sent_later_even_after_a_reload(chromium):
    form = form_of("""
        | type | name  | label   |
        | file | paper | Dokumen |
        | text | name  | Nama    |
    """)
    with filling(chromium, form) as desk:
        desk.site.stop()
        paper = {"name": "a.pdf", "mimeType": "application/pdf", "buffer": b"%PDF"}
        desk.page.get_by_label("Dokumen").set_input_files(paper)
        desk.page.get_by_label("Nama").fill("Siti")
        expect(state(desk)).to_have_attribute("data-state", "offline")
        desk.page.close()
        desk.page = desk.context.new_page()
        desk.site.start()
        desk.load()
        expect(desk.question("Dokumen")).to_contain_text("paper-")
        assert desk.site.drafts.files[desk.draft, desk.answers["paper"]] == b"%PDF"
