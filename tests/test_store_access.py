"""Who may come in: accounts, sessions, invitations, and how often one may try."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher, extract_parameters
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from store_house import ADMIN, DATABASES, KEY, RESEARCHER, SUPERVISOR, VILLAGE, filling, open_house

from pk_research.errors import BadInput, NotFound
from pk_research.store.access import Access, NotEntered, Passwords, TooMany, WeakPassword
from pk_research.store.access.passwords import require_strong
from pk_research.store.access.tokens import identifier_in, signed
from pk_research.store.actors import Actor, NotAllowed, Right, Role
from pk_research.store.refusals import Refused

PASSWORD = "empat kata acak begitu"
OFFICE = "203.0.113.7"
CHEAP = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1)


class Clock:
    """A clock the test moves on."""

    def __init__(self):
        self.now = datetime(2026, 3, 1, 8, tzinfo=UTC)

    def __call__(self):
        return self.now

    def pass_by(self, **time):
        self.now += timedelta(**time)


@pytest.fixture(params=DATABASES)
def store(request, tmp_path):
    return open_house(request, tmp_path)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def access(store, clock) -> Access:
    access = Access(store.engine, KEY, clock, Passwords(CHEAP))
    access.add_account(
        "siti", PASSWORD, Role.ENUMERATOR, by=ADMIN, display_name="Siti Aminah", forms=["usaha"]
    )
    return access


def sign_in(access, name="siti", password=PASSWORD, origin=OFFICE):
    return access.sign_in(name, password, origin=origin)


def invite(access, clock, *, days=7, **options):
    return access.invite("usaha", by=SUPERVISOR, expires_at=clock() + timedelta(days=days), **options)


def reason(act) -> str:
    with pytest.raises(NotEntered) as caught:
        act()
    return caught.value.message.text("en")


# --- accounts


def test_a_name_and_its_password_open_a_session(access):
    session = sign_in(access, " Siti ")
    siti = access.who(session.token)
    assert siti == session.actor
    assert (siti.kind, siti.role, siti.forms) == ("account", Role.ENUMERATOR, {"usaha"})
    assert siti.may(Right.FILL, form_id="usaha")
    assert not siti.may(Right.FILL, form_id="another")


def test_the_password_is_kept_by_argon2id_only(access, store):
    with store.engine.connect() as connection:
        kept = connection.execute(text("SELECT password_hash FROM account")).scalar_one()
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "at least 10 characters"),
        ("x" * 201, "at most 200 characters"),
        ("Siti.Aminah", "must not be the name"),
        ("siti.aminah2024!", "must not be the name"),
        ("Password2024!", "among the commonest"),
        ("pabrikkampoeng", "among the commonest"),
        ("8123456789012", "among the commonest"),
        ("aaaaaaaaaaaa", "among the commonest"),
    ],
)
def test_a_password_others_would_guess_is_refused(access, password, why):
    with pytest.raises(WeakPassword, match=why):
        access.add_account("siti.aminah", password, Role.ENUMERATOR, by=ADMIN)


def test_a_passphrase_is_fine():
    require_strong(PASSWORD, name="siti")


@pytest.mark.parametrize("name", ["", "x", "a b", "../etc", "<script>", "siti\n", "é" * 3, "a" * 200])
def test_a_name_that_cannot_be_used_is_refused(access, name):
    if name.strip() != "siti":
        with pytest.raises(BadInput):
            access.add_account(name, PASSWORD, Role.ENUMERATOR, by=ADMIN)


def test_a_name_is_taken_once_whatever_its_capitals(access):
    with pytest.raises(BadInput, match="is taken"):
        access.add_account("SITI", PASSWORD, Role.ADMIN, by=ADMIN)


def test_only_who_manages_accounts_touches_them(access):
    siti = sign_in(access).actor
    for act in (
        lambda by: access.add_account("budi", PASSWORD, Role.ADMIN, by=by),
        lambda by: access.set_role("siti", Role.ADMIN, by=by),
        lambda by: access.set_password("unknown", PASSWORD, by=by),
        lambda by: access.disable("siti", by=by),
        lambda by: access.enable("siti", by=by),
        lambda by: access.accounts(by=by),
    ):
        for by in (siti, SUPERVISOR, RESEARCHER):
            with pytest.raises(NotAllowed):
                act(by)


def test_nobody_changes_their_own_role(access):
    boss = access.add_account("boss", PASSWORD, Role.ADMIN, by=ADMIN).actor
    with pytest.raises(NotAllowed, match="own role"):
        access.set_role("boss", Role.SUPERVISOR, by=boss)


def test_a_new_role_holds_from_the_next_request(access):
    session = sign_in(access)
    access.set_role("siti", Role.SUPERVISOR, by=ADMIN)
    assert (access.who(session.token).role, access.who(session.token).forms) == (Role.SUPERVISOR, None)
    assert [account.role for account in access.accounts(by=ADMIN)] == [Role.SUPERVISOR]


def test_one_changes_ones_own_password_by_giving_the_present_one(access):
    siti = sign_in(access).actor
    assert reason(lambda: access.set_password("siti", "lima kata lain lagi", by=siti, current="wrong")) == (
        "The present password is not right."
    )
    access.set_password("siti", "lima kata lain lagi", by=siti, current=PASSWORD)
    assert sign_in(access, password="lima kata lain lagi").actor == siti


def test_a_hash_that_costs_less_than_today_is_made_anew_at_the_next_sign_in(access, store, clock):
    dearer = Access(store.engine, KEY, clock, Passwords(PasswordHasher(2, 64, 1)))
    sign_in(dearer)
    assert "t=2" in kept_hash(store)
    assert sign_in(dearer).actor.kind == "account"


def kept_hash(store):
    with store.engine.connect() as connection:
        return connection.execute(text("SELECT password_hash FROM account")).scalar_one()


def test_unknown_wrong_and_disabled_are_one_answer_after_the_same_work(access, monkeypatch):
    access.add_account("gone", PASSWORD, Role.ENUMERATOR, by=ADMIN)
    access.disable("gone", by=ADMIN)
    hashes = []
    verify = PasswordHasher.verify
    monkeypatch.setattr(
        PasswordHasher,
        "verify",
        lambda self, kept, given: hashes.append(extract_parameters(kept)) or verify(self, kept, given),
    )
    answers = {
        reason(lambda name=name, password=password: sign_in(access, name, password))
        for name, password in [
            ("nobody", PASSWORD),
            ("siti", "wrong"),
            ("gone", PASSWORD),
            ("siti", "x" * 9999),
        ]
    }
    assert answers == {"Name or password is not right."}
    assert [one == hashes[0] for one in hashes] == [True] * 4, "one method, one set of parameters"


# --- sessions


def test_a_session_lives_half_a_day_after_its_last_use_and_a_week_at_most(access, clock):
    session = sign_in(access)
    clock.pass_by(hours=11)
    assert access.who(session.token), "used within half a day"
    clock.pass_by(hours=11)
    assert access.who(session.token), "the first use moved it on"
    clock.pass_by(hours=13)
    assert access.who(session.token) is None
    session = sign_in(access)
    for _ in range(7 * 24 // 8 - 1):
        clock.pass_by(hours=8)
        assert access.who(session.token)
    clock.pass_by(hours=8)
    assert access.who(session.token) is None


def test_ended_sessions_are_cleared_away(access, store, clock):
    sign_in(access)
    clock.pass_by(days=1)
    sign_in(access)
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM signed_in")).scalar_one() == 1


@pytest.mark.parametrize(
    "act",
    [
        lambda access: access.set_password("siti", "lima kata lain lagi", by=ADMIN),
        lambda access: access.disable("siti", by=ADMIN),
    ],
    ids=["password changed", "disabled"],
)
def test_it_ends_at_once_for_all_devices(access, act):
    sessions = [sign_in(access) for _ in range(3)]
    act(access)
    assert [access.who(session.token) for session in sessions] == [None] * 3
    access.enable("siti", by=ADMIN)
    assert access.who(sessions[0].token) is None, "enabling an account revives no session"


def test_signing_out_ends_one_session(access):
    here, there = sign_in(access), sign_in(access)
    access.sign_out(here.token)
    access.sign_out(here.token)
    access.sign_out("nonsense")
    assert access.who(here.token) is None
    assert access.who(there.token) is not None


def test_a_password_changed_while_it_was_being_checked_opens_nothing(access, monkeypatch):
    fits = Passwords.fits

    def slowly(self, kept, password):
        fitting = fits(self, kept, password)
        access.set_password("siti", "lima kata lain lagi", by=ADMIN)
        return fitting

    monkeypatch.setattr(Passwords, "fits", slowly)
    assert reason(lambda: sign_in(access)) == "Name or password is not right."


def test_another_house_does_not_know_the_token(access):
    session = sign_in(access)
    assert replace(access, secret=b"another key of 32 bytes for test").who(session.token) is None


def test_a_link_is_no_session_and_a_session_no_link(access, clock):
    assert access.who(invite(access, clock).token) is None
    assert "does not open" in reason(lambda: access.enter(sign_in(access).token, origin=OFFICE))


TOKEN = signed("s-0123456789abcdef0123456789abcdef", secret=KEY, kind="session")


def read(token):
    return identifier_in(token, secret=KEY, kind="session")


@given(st.integers(0, len(TOKEN) - 1), st.characters())
def test_one_character_changed_is_another_token(place, character):
    changed = TOKEN[:place] + character + TOKEN[place + 1 :]
    assert (read(changed) is not None) == (changed == TOKEN)


@given(
    st.text(max_size=120) | st.sampled_from([TOKEN[:-1], TOKEN + "=", TOKEN + "\n", TOKEN.upper(), TOKEN * 2])
)
def test_whatever_else_is_sent_is_no_token(token):
    assert read(token) is None


@given(st.binary(max_size=64), st.sampled_from(["invitation", "session"]))
def test_a_token_signed_by_anybody_else_is_none(key, kind):
    forged = signed("s-0123456789abcdef0123456789abcdef", secret=key, kind=kind)
    assert read(forged) is None


@pytest.mark.parametrize("token", [None, "", "a.b", "s-00.x", "\ud800", "x" * 100_000, "\x00", "é.é"])
def test_a_cookie_may_hold_anything(access, token):
    assert access.who(token) is None


# --- invitations


def test_an_invitation_opens_one_form_for_one_village(access, clock):
    invitation = invite(access, clock, village_code=VILLAGE, respondent="Ibu Aminah", max_uses=1)
    guest = access.who(access.enter(invitation.token, origin=OFFICE).token)
    assert guest == Actor("invitation", invitation.identifier, Role.RESPONDENT, frozenset({"usaha"}), VILLAGE)
    assert not guest.may(Right.FILL, form_id="another")
    assert not guest.may(Right.READ_ALL)


def test_guests_who_share_a_link_are_not_the_same_person(access, clock):
    token = invite(access, clock).token
    first, second = (access.enter(token, origin=OFFICE).actor for _ in range(2))
    assert first.identifier != second.identifier


def test_a_guest_who_is_one_person_is_the_same_at_every_visit(access, clock):
    for token in (
        invite(access, clock, respondent="Ibu Aminah").token,
        invite(access, clock, max_uses=1).token,
    ):
        first, second = (access.enter(token, origin=OFFICE).actor for _ in range(2))
        assert first == second == access.invited(token, origin=OFFICE)


def test_each_reason_not_to_open_is_said_and_says_no_more(access, clock):
    expired, revoked, used = (invite(access, clock, days=days, max_uses=1) for days in (1, 9, 9))
    access.revoke(revoked.identifier, by=SUPERVISOR)
    count(access, access.enter(used.token, origin=OFFICE).actor)
    clock.pass_by(days=2)
    said = {
        what: reason(lambda token=token: access.enter(token, origin=OFFICE))
        for what, token in {
            "forged": expired.token[:-5] + "AAAAA",
            "of nothing": signed("i-0000000000000000", secret=KEY, kind="invitation"),
            "expired": expired.token,
            "revoked": revoked.token,
            "used up": used.token,
        }.items()
    }
    assert said == {
        "forged": "This link does not open anything. Check that it is complete.",
        "of nothing": "This link does not open anything. Check that it is complete.",
        "expired": "This invitation has expired.",
        "revoked": "This invitation was taken back.",
        "used up": "This invitation has been used up.",
    }


def count(access, guest):
    with access.engine.begin() as connection:
        access.used(guest)(connection)


def test_who_began_in_time_has_half_a_day_to_finish(access, clock):
    session = access.enter(invite(access, clock, days=1).token, origin=OFFICE)
    for _ in range(5):
        clock.pass_by(hours=7)
        is_in = access.who(session.token) is not None
        assert is_in == (clock() < datetime(2026, 3, 2, 20, tzinfo=UTC))


def test_taking_an_invitation_back_ends_its_sessions(access, clock):
    invitation = invite(access, clock)
    session = access.enter(invitation.token, origin=OFFICE)
    access.revoke(invitation.identifier, by=SUPERVISOR)
    access.revoke(invitation.identifier, by=SUPERVISOR)
    assert access.who(session.token) is None
    assert reason(lambda: count(access, session.actor)) == "This invitation was taken back."
    with pytest.raises(NotFound):
        access.revoke("i-none", by=SUPERVISOR)


def test_an_invitation_taken_back_while_its_link_is_opened_opens_nothing(access, clock, monkeypatch):
    invitation = invite(access, clock)
    opened = Access._opened

    def slowly(self, token, origin):
        found = opened(self, token, origin)
        access.revoke(invitation.identifier, by=SUPERVISOR)
        return found

    monkeypatch.setattr(Access, "_opened", slowly)
    assert reason(lambda: access.enter(invitation.token, origin=OFFICE)) == "This invitation was taken back."


def test_who_began_in_time_goes_on_unless_the_invitation_was_taken_back(access, clock):
    expired, revoked, used = (invite(access, clock, days=days, max_uses=1) for days in (1, 9, 9))
    count(access, access.enter(used.token, origin=OFFICE).actor)
    clock.pass_by(days=2)
    access.revoke(revoked.identifier, by=SUPERVISOR)
    for standing in (expired.identifier, used.identifier, sign_in(access).actor.identifier):
        access.require_standing(standing)
    for gone in (revoked.identifier, f"{revoked.identifier}/3f0a12cd"):
        assert "was taken back" in reason(lambda gone=gone: access.require_standing(gone))


def test_a_submission_counts_as_a_use_once_however_often_it_is_sent(store, access, clock):
    invitation = invite(access, clock, max_uses=1)
    guest = access.enter(invitation.token, origin=OFFICE).actor
    sent = filling()
    for _ in range(3):
        store.submissions.receive(sent, by=guest, via="survey", in_transaction=access.used(guest))
    assert [entry.n_uses for entry in access.invitations(by=SUPERVISOR)] == [1]
    another = filling()
    assert reason(
        lambda: store.submissions.receive(another, by=guest, via="survey", in_transaction=access.used(guest))
    ) == ("This invitation has been used up.")
    assert len(store.submissions.list("usaha", by=SUPERVISOR)) == 1, "what is refused leaves nothing behind"


def test_who_has_an_account_uses_up_nothing(access):
    assert access.used(sign_in(access).actor) is None


def test_no_more_submissions_at_once_than_the_invitation_takes(store, access, clock):
    guest = access.enter(invite(access, clock, max_uses=3).token, origin=OFFICE).actor
    fillings = [filling() for _ in range(12)]
    outcomes = []

    def send(xml):
        try:
            store.submissions.receive(xml, by=guest, via="survey", in_transaction=access.used(guest))
        except (NotEntered, Refused) as refusal:
            outcomes.append(refusal.message.text("en"))
        else:
            outcomes.append("taken")

    threads = [threading.Thread(target=send, args=(xml,)) for xml in fillings]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["This invitation has been used up."] * 9 + ["taken"] * 3
    assert [entry.n_uses for entry in access.invitations(by=SUPERVISOR)] == [3]


def test_an_invitation_that_makes_no_sense_is_refused_with_every_reason(access, clock):
    with pytest.raises(BadInput) as caught:
        access.invite("usaha", by=SUPERVISOR, expires_at=clock(), village_code="Sukamaju", max_uses=0)
    assert [problem.where for problem in caught.value.problems] == ["expires_at", "village_code", "max_uses"]
    with pytest.raises(NotFound, match="no form 'none'"):
        access.invite("none", by=SUPERVISOR, expires_at=clock() + timedelta(1))


def test_who_may_not_read_personal_answers_does_not_learn_who_was_invited(access, clock):
    invite(access, clock, respondent="Ibu Aminah")
    assert [entry.respondent for entry in access.invitations(by=SUPERVISOR)] == ["Ibu Aminah"]
    assert [(entry.respondent, entry.token) for entry in access.invitations(by=ADMIN)] == [("", "")]
    for by in (RESEARCHER, sign_in(access).actor):
        with pytest.raises(NotAllowed):
            access.invitations(by=by)


def test_who_is_limited_to_forms_invites_to_no_other(access, clock):
    limited = Actor("account", "a-1", Role.SUPERVISOR, frozenset({"another"}))
    invitation = invite(access, clock)
    assert access.invitations(by=limited) == ()
    for act in (
        lambda: access.invite("usaha", by=limited, expires_at=clock() + timedelta(1)),
        lambda: access.revoke(invitation.identifier, by=limited),
        lambda: access.invitations(by=limited, form_id="usaha"),
    ):
        with pytest.raises(NotAllowed):
            act()


# --- how often one may try


def test_an_account_is_tried_ten_times_then_it_is_told_when_to_come_back(access):
    for n in range(10):
        reason(lambda n=n: sign_in(access, password="wrong", origin=f"203.0.113.{n}"))
    with pytest.raises(TooMany) as caught:
        sign_in(access)
    assert 0 < caught.value.retry_after_s <= 15 * 60
    assert caught.value.message.text("id").startswith("Terlalu banyak percobaan.")


def test_a_name_nobody_has_is_limited_like_any(access):
    for _ in range(10):
        reason(lambda: sign_in(access, "nobody", "wrong"))
    with pytest.raises(TooMany):
        sign_in(access, "nobody", "wrong")


def test_the_right_password_clears_the_count(access):
    for _ in range(3):
        for _ in range(9):
            reason(lambda: sign_in(access, password="wrong"))
        sign_in(access)


def test_many_names_from_one_address_are_limited(access):
    for n in range(200):
        reason(lambda n=n: sign_in(access, f"name{n}", "wrong"))
    with pytest.raises(TooMany):
        sign_in(access, "siti")
    assert sign_in(access, "siti", origin="198.51.100.1"), "others are not kept waiting"


def test_guessing_links_is_limited_and_true_ones_still_open(access, clock):
    token = invite(access, clock).token
    for _ in range(300):
        reason(lambda: access.enter("i-guessed", origin=OFFICE))
    with pytest.raises(TooMany):
        access.enter("i-guessed", origin=OFFICE)
    assert access.enter(token, origin=OFFICE)


def test_the_present_password_is_not_guessed_either(access):
    siti = sign_in(access).actor
    for _ in range(10):
        reason(lambda: access.set_password("siti", "lima kata lain lagi", by=siti, current="wrong"))
    with pytest.raises(TooMany):
        access.set_password("siti", "lima kata lain lagi", by=siti, current=PASSWORD)


# --- name and password with each request, as ODK Collect sends them


def test_a_right_password_is_not_hashed_for_every_photograph(access, clock, monkeypatch):
    hashed = []
    fits = Passwords.fits
    monkeypatch.setattr(Passwords, "fits", lambda *args: hashed.append(1) or fits(*args))
    for _ in range(50):
        assert access.basic("siti", PASSWORD, origin=OFFICE).role == Role.ENUMERATOR
    assert len(hashed) == 1
    clock.pass_by(minutes=6)
    access.basic("siti", PASSWORD, origin=OFFICE)
    assert len(hashed) == 2


def test_what_is_remembered_ends_with_the_password_and_the_account(access):
    access.basic("siti", PASSWORD, origin=OFFICE)
    access.set_password("siti", "lima kata lain lagi", by=ADMIN)
    assert reason(lambda: access.basic("siti", PASSWORD, origin=OFFICE)) == "Name or password is not right."
    access.basic("siti", "lima kata lain lagi", origin=OFFICE)
    access.disable("siti", by=ADMIN)
    assert "not right" in reason(lambda: access.basic("siti", "lima kata lain lagi", origin=OFFICE))


# --- what is left behind


def test_nothing_personal_is_left_in_tokens_logs_or_the_audit_log(access, store, clock, caplog):
    caplog.set_level(logging.DEBUG)
    session = sign_in(access)
    invitation = invite(access, clock, respondent="Ibu Aminah", village_code=VILLAGE)
    guest = access.enter(invitation.token, origin=OFFICE)
    count(access, guest.actor)
    for act in (
        lambda: sign_in(access, "siti", "wrong secret"),
        lambda: sign_in(access, "siti.aminah@example.org"),
        lambda: access.basic("siti", "wrong secret", origin=OFFICE),
        lambda: access.enter(invitation.token[:-1] + "?", origin=OFFICE),
    ):
        reason(act)
    access.set_password("siti", "lima kata lain lagi", by=ADMIN)
    access.revoke(invitation.identifier, by=SUPERVISOR)
    with store.engine.connect() as connection:
        log = str(connection.execute(text("SELECT actor, subject, details FROM audit_event")).all())
    left = "\n".join(
        [log, caplog.text, session.token, invitation.token, guest.token, repr(access), repr(session)]
    )
    for personal in ("siti", "aminah", "ibu", "secret", "kata", OFFICE, VILLAGE, KEY.decode()):
        assert personal.casefold() not in left.casefold(), personal


def test_every_act_is_in_the_audit_log_and_the_chain_holds(access, store, clock):
    session = sign_in(access)
    access.sign_out(session.token)
    reason(lambda: sign_in(access, password="wrong"))
    invitation = invite(access, clock)
    count(access, access.enter(invitation.token, origin=OFFICE).actor)
    access.revoke(invitation.identifier, by=SUPERVISOR)
    access.set_role("siti", Role.SUPERVISOR, by=ADMIN)
    access.set_password("siti", "lima kata lain lagi", by=ADMIN)
    access.disable("siti", by=ADMIN)
    access.enable("siti", by=ADMIN)
    assert [event.kind for event in reversed(store.audit.events())] == [
        "form published",
        "account added",
        "signed in",
        "signed out",
        "sign-in refused",
        "invitation made",
        "signed in",
        "invitation used",
        "invitation revoked",
        "role set",
        "password set",
        "account disabled",
        "account enabled",
    ]
    assert store.audit.verify().faults == ()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE account SET role = 'supervisor'",
        "UPDATE account SET password_hash = 'x'",
        "UPDATE invitation SET n_uses = 0",
        "UPDATE invitation SET revoked_at = NULL",
    ],
)
def test_an_account_or_invitation_changed_past_the_house_is_noticed(access, store, clock, change):
    invitation = invite(access, clock, max_uses=1)
    count(access, access.enter(invitation.token, origin=OFFICE).actor)
    access.revoke(invitation.identifier, by=SUPERVISOR)
    with store.engine.begin() as connection:
        connection.execute(text(change))
    assert [fault.kind for fault in store.audit.verify().faults] == ["row changed"]
