"""Families in rows and lanes, and in every form that is drawn of them."""

from dataclasses import replace
from xml.etree import ElementTree as ET

import pytest

from lineages import family, played, recorded
from stctl.render.lineage.branches import rows_of
from stctl.render.lineage.document import family_document
from stctl.render.lineage.dot import dot_text
from stctl.render.lineage.page import page_html
from stctl.render.lineage.svg import family_svg, forest_svg
from stctl.render.lineage.tree import family_blocks, summary_blocks
from stctl.render.lineage.words import deeds, rules_text, safe_text, state_of
from stctl.render.plain import layout
from stctl.traces.lineage import Family, LineageReader, Rules, UseKind
from stctl.traces.lineage.asking import CoreWord
from stctl.traces.lineage.moves import Move

RACE = "refresh-race.express.default.cookie"


def grown(*pairs: tuple[str, str], cdi: str = "5.6", handle: str = "s") -> Family:
    """A session in which these tokens were refreshed, one after the other."""
    reader = LineageReader()
    for place, (old, new) in enumerate(pairs):
        reader.take(
            Move(
                entry=place,
                order=place,
                at_ms=1_795_000_000_000 + place,
                ended_at_ms=1_795_000_000_000 + place,
                kind=UseKind.REFRESHED,
                presented=old,
                given=new,
                handle=handle,
                cdi=cdi,
            )
        )
    (only,) = reader.families()
    return only


def drawn(found: Family, width: int = 120) -> list[str]:
    """The lines of the tree."""
    lines = [*layout(family_blocks(found, width))]
    tree = (line for line in lines if not line.startswith("✗ Theft"))
    return [line for line in tree if line[:1] in {"○", "●", "✗", "◌", "├", "│", "┄"}]


def test_the_line_to_the_current_token_keeps_its_lane_and_branches_go_in() -> None:
    found = grown(("a", "b"), ("a", "c"), ("c", "d"), ("c", "e"), ("e", "f"))
    rows = [(row.generation.refresh_hash, row.lane, row.is_branch) for row in rows_of(found)]
    assert rows == [
        ("a", 0, False),
        ("b", 1, True),
        ("c", 0, False),
        ("d", 1, True),
        ("e", 0, False),
        ("f", 0, False),
    ]


def test_a_branch_with_branches_of_its_own_goes_further_in() -> None:
    found = grown(("a", "b"), ("b", "x"), ("b", "y"), ("a", "c"), cdi="5.4")
    assert max(row.lane for row in rows_of(found)) == 1
    lanes = {row.generation.refresh_hash: row.lane for row in rows_of(found)}
    assert lanes["a"] == 0
    assert sorted(lanes.values()) == [0, 0, 0, 1, 1]


def test_a_thousand_generations_are_one_lane() -> None:
    found = grown(*((f"g{place}", f"g{place + 1}") for place in range(999)))
    rows = rows_of(found)
    assert len(rows) == 1000
    assert {row.lane for row in rows} == {0}
    assert len(drawn(found)) == 1000


def test_a_rail_leads_to_a_child_that_would_look_like_another_beginning() -> None:
    pair = [line[:1] for line in drawn(grown(("a", "b")))]
    assert pair == ["○", "│", "●"]
    # Where a branch leaves in between, its own rail leads on.
    fork = [line[:2].strip() for line in drawn(grown(("a", "b"), ("a", "c")))]
    assert fork == ["○", "├─", "●"]


def test_what_no_hash_links_is_told_apart() -> None:
    found = grown(("a", "b"), ("x", "y"))
    assert [line[:1] for line in drawn(found)].count("┄") == 1


def test_states_are_told_by_what_became_of_a_token() -> None:
    found = grown(("a", "b"), ("a", "c"))
    assert [state_of(one, found) for one in found.generations] == ["replaced", "unused", "current"]
    race = family(recorded(RACE))
    assert {state_of(one, race) for one in race.generations} == {"replaced", "theft", "current"}


def test_of_many_deeds_the_first_and_the_last_are_told() -> None:
    found = grown(*(("a", f"b{place}") for place in range(30)))
    first = found.generations[0]
    assert [did.text for did in deeds(first, found)] == ["refreshed 30 times at 0 to 29"]
    mixed = replace(
        first,
        uses=tuple(
            replace(use, client="A" if place % 2 else "B") for place, use in enumerate(first.uses)
        ),
        use_count=100,
    )
    told = [did.text for did in deeds(mixed, found)]
    assert told[0] == "refreshed at 0 by B"
    assert told[-1] == "refreshed at 29 by A"
    assert told[4] == "… 94 more …"


@pytest.mark.parametrize("width", [40, 60, 80, 100, 140])
def test_deeds_that_have_no_room_beside_go_below(width: int) -> None:
    lines = drawn(family(recorded(RACE)), width)
    assert any("theft at 8 by A" in line for line in lines)
    assert max(map(len, lines)) <= max(width, 64)


def test_the_rules_are_told_with_what_proves_them() -> None:
    assert rules_text(grown(("a", "b"), cdi="5.6")).startswith("CDI 5.6, every refresh")
    browser = [one for one in recorded(RACE) if one["_peer"] == "browser-backend"]
    found = family([{k: v for k, v in one.items() if k[0] != "_"} for one in browser])
    assert found.rules is Rules.LEGACY
    assert rules_text(found).endswith("(by the tokens)")


def test_what_the_core_says_stands_beside_each_token() -> None:
    found = grown(("a", "b"))
    word = CoreWord(
        lives=True, expires_at_ms=0, tokens={"a": "replaced", "b": "current-or-previous"}
    )
    lines = [*layout(family_blocks(found, 120, word))]
    assert any("the session lives" in line for line in lines)
    assert any("the core refuses it" in line for line in lines)
    assert family_document(found, word)["core"] == {"lives": True, "expires_at_ms": 0}
    gone = [*layout(family_blocks(found, 120, CoreWord(lives=False)))]
    assert any("gone from the core" in line for line in gone)


def test_sessions_that_were_forgotten_are_told() -> None:
    told = " ".join(layout(summary_blocks([], 2, 3)))
    assert "3 sessions, none with theft, 3 not shown." in told
    assert "2 sessions were too many to keep" in told


def test_a_drawing_has_a_row_a_generation_and_a_rail_to_each_child() -> None:
    found = family(played("race", "many-clients-in-grace", "5.6"))
    top = ET.fromstring(family_svg(found))  # noqa: S314 - made here
    space = "{http://www.w3.org/2000/svg}"
    assert len(top.findall(f".//{space}circle")) == len(found.generations)
    assert len(top.findall(f".//{space}path")) == len(found.generations) - 1
    title = top.find(f"{space}title")
    assert title is not None
    assert "STALE_LINEAGE" in (title.text or "")


def test_rows_of_a_drawing_lead_to_entries_where_a_page_asks_for_it() -> None:
    found = family(recorded(RACE))
    linked = family_svg(found, lambda entry: f"#e{entry}")
    assert linked.count("<a href=") == 3
    assert 'href="#e8"' in linked
    assert "href" not in family_svg(found)


def test_a_family_without_tokens_has_no_drawing() -> None:
    reader = LineageReader()
    reader.take(
        Move(
            entry=1,
            order=1,
            at_ms=0,
            ended_at_ms=0,
            kind=UseKind.REFRESHED,
            error="TOKEN_THEFT_DETECTED",
        )
    )
    (only,) = reader.families()
    assert only.theft is not None
    assert family_svg(only) == ""
    assert "No token is in the trace." in forest_svg([only])


def test_what_people_wrote_into_names_is_never_markup() -> None:
    evil = '<script>alert("\x1b[31m")</script>\ud800'
    found = grown(("a", "b"), handle=evil)
    for text in (forest_svg([found]), "".join(page_html([found], evil))):
        assert "<script" not in text
        assert "\x1b" not in text
        text.encode()
    ET.fromstring(forest_svg([found]))  # noqa: S314 - made here
    dot = "".join(dot_text([found]))
    assert '\\"\\\\x1b[31m\\"' in dot
    assert safe_text("a<b\x00") == "a&lt;b\\x00"


def test_graphviz_gets_a_cluster_a_session_and_an_edge_a_child() -> None:
    found = family(recorded(RACE))
    dot = "".join(dot_text([found, found]))
    assert dot.startswith("digraph lineage {")
    assert dot.count("subgraph") == 2
    assert dot.count(" -> ") == 4
    assert dot.count("{") == dot.count("}") == 3
