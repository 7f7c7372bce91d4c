"""Who may do what."""

from __future__ import annotations

import pytest

from pk_research.store.actors import HOUSE, Actor, NotAllowed, Right, Role


@pytest.mark.parametrize(
    ("role", "right"),
    [
        (Role.RESPONDENT, Right.READ_ALL),
        (Role.ENUMERATOR, Right.READ_ALL),
        (Role.RESEARCHER, Right.READ_PERSONAL),
        (Role.RESEARCHER, Right.EDIT),
        (Role.ADMIN, Right.READ_ALL),
        (Role.SUPERVISOR, Right.MANAGE_ACCOUNTS),
    ],
)
def test_a_role_has_no_right_its_work_does_not_need(role, right):
    actor = Actor("account", "a1", role)
    assert not actor.may(right)
    with pytest.raises(NotAllowed, match=f"the role {role} does not include: {right}"):
        actor.require(right)


def test_an_actor_limited_to_some_forms_has_its_rights_there_only():
    actor = Actor("account", "s1", Role.SUPERVISOR, forms=frozenset({"umkm"}))
    assert actor.may(Right.REVIEW, form_id="umkm")
    assert not actor.may(Right.REVIEW, form_id="hotel")
    actor.require(Right.REVIEW, form_id="umkm")


def test_the_house_acts_in_one_role_at_a_time():
    assert HOUSE[Role.RESEARCHER].may(Right.EXPORT)
    assert not HOUSE[Role.ADMIN].may(Right.READ_ALL)
