"""Settings in force, turned into what can be shown of them."""

from collections.abc import Iterator

from stctl.cli.settings import KEY_WAYS, SETTINGS, LookUp
from stctl.render.profile import ShownSetting, ShownSettings, shown_value


def settings_in_force(looked: LookUp) -> ShownSettings:
    """Every setting with its origin; the key by its place alone."""
    source = looked.key_source()
    return ShownSettings(
        profile=looked.chosen.name if looked.chosen else None,
        chosen_by=looked.chosen.place if looked.chosen else None,
        settings=[*_settings(looked)],
        key_way=source[0] if source else None,
        key_place=source[1].value if source else None,
        key_origin=source[1].origin if source else "default",
        withheld=[*_withheld(looked)],
    )


def _settings(looked: LookUp) -> Iterator[ShownSetting]:
    for setting in SETTINGS:
        if setting.key in KEY_WAYS:
            continue
        found = looked.find(setting.key)
        yield ShownSetting(
            key=setting.key,
            value=None if found.value is None else shown_value(setting.key, found.value),
            default=setting.default,
            origin=found.origin,
        )


def _withheld(looked: LookUp) -> Iterator[str]:
    """Places that have a key for another address than the one in force."""
    if looked.is_embedded:
        return
    url = looked.find("url").value
    for layer in looked.layers:
        has_key = any(way in layer.values for way in KEY_WAYS)
        if has_key and not layer.may_give_key(url):
            yield layer.origin
