"""How profiles look. An API key itself is never shown, only where it is."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from stctl.checks.hosts import Host
from stctl.jsontypes import JsonObject, JsonValue
from stctl.redact import fingerprint, mask_text
from stctl.render.view import (
    Block,
    Facts,
    Heading,
    Line,
    Note,
    Presentation,
    Table,
    bad,
    dim,
    good,
    line,
    name,
    strong,
    warn,
)

_KEY_WORDS = {
    "api_key": "written in the settings",
    "api_key_file": "in the file ",
    "api_key_command": "from the command ",
    "api_key_keyring": "in the system keyring as ",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedProfile:
    """A profile as it stands in a settings file."""

    name: str
    values: Mapping[str, str]
    file: str
    in_use: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSetting:
    """A setting in force: its value, None for the default, and where it came from."""

    key: str
    value: str | None
    default: str
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownSettings:
    """Every setting in force."""

    profile: str | None
    chosen_by: str | None
    settings: Sequence[ShownSetting]
    key_way: str | None
    """How the API key is found; None without one."""
    key_place: str | None
    key_origin: str
    withheld: Sequence[str]
    """Places whose key belongs to another address and is therefore not used."""


def key_words(way: str, place: str) -> str:
    """Say where a key is, in words; a key that is written out is told by its fingerprint."""
    if way == "api_key":
        return f"{_KEY_WORDS[way]} (fingerprint {fingerprint(place)})"
    return _KEY_WORDS[way] + mask_text(place)


def _key_of(values: Mapping[str, str]) -> tuple[str, str] | None:
    return next(((way, values[way]) for way in _KEY_WORDS if way in values), None)


def _safe(values: Mapping[str, str]) -> dict[str, JsonValue]:
    """The values without the key itself, and without a password in an address."""
    safe: dict[str, JsonValue] = {
        key: shown_value(key, value) for key, value in values.items() if key not in _KEY_WORDS
    }
    found = _key_of(values)
    safe["api_key"] = None if found is None else key_words(*found)
    return safe


def shown_value(key: str, value: str) -> str:
    """A value as people may see it: no password in an address."""
    if key not in {"url", "app_url"}:
        return mask_text(value)
    return ";".join(_without_password(part) for part in value.split(";"))


def _without_password(address: str) -> str:
    scheme, separator, rest = address.rpartition("://")
    place, slash, path = rest.partition("/")
    userinfo, _, host = place.rpartition("@")
    return f"{scheme}{separator}{'…@' if userinfo else ''}{host}{slash}{path}"


def added(title: str, values: Mapping[str, str], file: Path, *, in_use: bool) -> Presentation:
    """Present a profile that was added."""

    def view(_width: int) -> Iterator[Block]:
        yield Note("good", line("Added ", name(title), dim(f" to {file}")))
        yield Facts([(key, line(str(text))) for key, text in _safe(values).items() if text])
        if in_use:
            yield Note("info", line("Commands use it from now on"))
        else:
            yield Note("info", line("Use it: ", name(f"stctl profile use {title}")))

    return Presentation(
        schema="stctl.profile.add/1",
        view=view,
        document=lambda: {"name": title, **_safe(values), "file": str(file), "in_use": in_use},
        ids=lambda: [title],
    )


def listing(profiles: Sequence[ListedProfile]) -> Presentation:
    """Present the profiles that there are."""
    return Presentation(
        schema="stctl.profile.list/1",
        view=lambda _width: _listing_view(profiles),
        document=lambda: {"profiles": [_listed(one) for one in profiles]},
        rows=lambda: map(_listed, profiles),
        ids=lambda: [one.name for one in profiles],
    )


def _listed(one: ListedProfile) -> dict[str, JsonValue]:
    return {"name": one.name, "in_use": one.in_use, "file": one.file, **_safe(one.values)}


def _listing_view(profiles: Sequence[ListedProfile]) -> Iterator[Block]:
    if not profiles:
        yield Note("info", line("There is no profile; make one with `stctl profile add`"))
        return
    rows = [
        [
            line(good("*") if one.in_use else ""),
            line(name(one.name)),
            line(_place(one.values)),
            line("none" if (found := _key_of(one.values)) is None else key_words(*found)),
            line(dim(one.file)),
        ]
        for one in profiles
    ]
    yield Table(["", "NAME", "CORE", "API KEY", "FILE"], rows)


def _place(values: Mapping[str, str]) -> str:
    url = values.get("url")
    return values.get("database", "") if url is None else shown_value("url", url)


def used(title: str | None, stronger: str | None) -> Presentation:
    """Present the choice of a profile, and what overrides it here and now."""

    def view(_width: int) -> Iterator[Block]:
        if title is None:
            yield Note("good", line("No profile is used from now on"))
        else:
            yield Note("good", line("Commands use ", name(title), " from now on"))
        if stronger is not None:
            yield Note("warn", line("Here and now another choice is stronger: ", stronger))

    return Presentation(
        schema="stctl.profile.use/1",
        view=view,
        document=lambda: {"name": title, "overridden_by": stronger},
        ids=lambda: [title] if title else [],
    )


def removed(title: str) -> Presentation:
    """Present a profile that was removed."""
    return Presentation(
        schema="stctl.profile.remove/1",
        view=lambda _width: [Note("good", line("Removed ", name(title)))],
        document=lambda: {"name": title},
        ids=lambda: [title],
    )


def shown(found: ShownSettings) -> Presentation:
    """Present the settings in force, each with its origin."""
    return Presentation(
        schema="stctl.profile.show/1",
        view=lambda _width: _shown_view(found),
        document=lambda: _shown_document(found),
        rows=lambda: map(_setting_row, found.settings),
        ids=lambda: [found.profile] if found.profile else [],
    )


def _shown_view(found: ShownSettings) -> Iterator[Block]:
    if found.profile is None:
        yield Heading(line(strong("No profile is in force")))
    else:
        yield Heading(
            line(strong("Profile "), name(found.profile), dim(f", chosen by: {found.chosen_by}"))
        )
    yield Table(["SETTING", "VALUE", "FROM"], [*map(_setting_cells, found.settings)])
    yield Facts([("API key", _key_line(found))])
    for place in found.withheld:
        yield Note(
            "warn", line(f"The API key of {place} is not used: it belongs to another address")
        )


def _setting_cells(one: ShownSetting) -> Sequence[Line]:
    value = dim(one.default.replace("`", "")) if one.value is None else one.value
    return line(name(one.key)), line(value), line(dim(one.origin))


def _setting_row(one: ShownSetting) -> dict[str, JsonValue]:
    return {"setting": one.key, "value": one.value, "origin": one.origin}


def _key_line(found: ShownSettings) -> Line:
    if found.key_way is None or found.key_place is None:
        return line(dim("none"))
    return line(key_words(found.key_way, found.key_place), dim(f", from: {found.key_origin}"))


def _shown_document(found: ShownSettings) -> JsonObject:
    has_key = found.key_way is not None and found.key_place is not None
    return {
        "profile": found.profile,
        "chosen_by": found.chosen_by,
        "settings": [_setting_row(one) for one in found.settings],
        "api_key": {
            "place": key_words(found.key_way or "", found.key_place or "") if has_key else None,
            "origin": found.key_origin,
        },
        "withheld": [*found.withheld],
    }


def tested(profile: str | None, hosts: Sequence[Host]) -> Presentation:
    """Present what each host of a core said."""
    return Presentation(
        schema="stctl.profile.test/1",
        view=lambda _width: _tested_view(profile, hosts),
        document=lambda: {"profile": profile, "hosts": [_host_row(one) for one in hosts]},
        rows=lambda: map(_host_row, hosts),
        ids=lambda: [one.shown for one in hosts if one.is_good],
    )


def _tested_view(profile: str | None, hosts: Sequence[Host]) -> Iterator[Block]:
    if profile is not None:
        yield Heading(line(strong("Profile "), name(profile)))
    for one in hosts:
        if one.is_good:
            versions = f", CDI {', '.join(one.versions[-1:])}" if one.versions else ""
            yield Note(
                "good", line(name(one.shown), f" answers in {one.latency_ms or 0:.1f} ms{versions}")
            )
        else:
            problem = bad(one.problem or "") if one.latency_ms is None else warn(one.problem or "")
            yield Note("bad", line(name(one.shown), ": ", problem, dim(f"  [{one.code}]")))


def _host_row(one: Host) -> dict[str, JsonValue]:
    return {
        "host": one.shown,
        "ok": one.is_good,
        "latency_ms": None if one.latency_ms is None else round(one.latency_ms, 3),
        "versions": [*one.versions],
        "code": one.code,
        "problem": one.problem,
    }
