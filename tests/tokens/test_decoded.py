from made_tokens import made
from recorded_tokens import V2, V5, every_generation
from stctl.tokens.decoded import Tools, decode_line, examine
from stctl.tokens.problem import TokenProblem
from stctl.tokens.refresh import RefreshContents, RefreshToken
from stctl.tokens.signature import Signature

NOW_MS = 1_795_545_000_000
HOLDS = Signature(verdict="holds", kid="k", reason="It does.")
CONTENTS = RefreshContents(
    session_handle="h",
    user_id="u",
    parent_refresh_token_hash1=None,
    nonce="n",
    anti_csrf_token=None,
)


def test_several_pastes_keep_their_names() -> None:
    report = examine([("one", V5[0].access), ("two", "garbage")], NOW_MS)
    assert [str(item.source) for item in report.broken] == ["two"]
    assert [str(item.finding.source) for item in report.tokens] == ["one"]


def test_a_few_tokens_are_related_pair_by_pair() -> None:
    report = examine([("", f"{one.access} {one.refresh}") for one in V2], NOW_MS)
    assert len(report.kin) == 8 * 7 / 2


def test_of_many_tokens_only_what_a_hash_links_is_told() -> None:
    report = examine([("", one.access) for one in every_generation()], NOW_MS)
    relations = {pair.relation for _, _, pair in report.kin}
    assert len(report.tokens) > 8
    assert relations == {"parent", "sibling"}


def test_numbers_of_relations_count_everything_that_was_found() -> None:
    report = examine([("", "garbage"), ("", V5[0].access), ("", V5[1].access)], NOW_MS)
    assert [(first, second) for first, second, _ in report.kin] == [(1, 2)]


def test_a_paste_that_holds_too_much_says_so() -> None:
    assert examine([("", f"{V5[0].access}\n" * 1001)], NOW_MS).is_cut
    assert not examine([("", f"{V5[0].access}\n" * 3)], NOW_MS).is_cut


def test_only_what_is_signed_is_checked() -> None:
    tools = Tools(check=lambda _: HOLDS)
    text = f"{V5[0].access} {V5[0].refresh}"
    assert [item.signature for item in examine([("", text)], NOW_MS, tools).tokens] == [HOLDS, None]


def test_only_refresh_tokens_are_opened() -> None:
    tools = Tools(unseal=lambda _: CONTENTS)
    access, refresh = examine([("", f"{made()} {V5[0].refresh}")], NOW_MS, tools).tokens
    assert (access.contents, refresh.contents) == (None, CONTENTS)
    assert refresh.session_handle == "h"


def test_why_a_refresh_token_stays_closed_is_kept() -> None:
    problem = TokenProblem("content", "no")

    def unseal(_: RefreshToken) -> RefreshContents:
        raise problem

    token = examine([("", V5[0].refresh)], NOW_MS, Tools(unseal=unseal)).tokens[0]
    assert (token.contents, token.sealed_because) == (None, problem)


def test_a_line_gives_everything_in_it() -> None:
    assert len(list(decode_line(f"{V5[0].access} {V5[0].refresh} oops", NOW_MS))) == 2
    assert len(list(decode_line("oops", NOW_MS))) == 1
