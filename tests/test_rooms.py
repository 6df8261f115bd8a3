from pathlib import Path

import pytest

from rooms import LINES_AT_MOST, sources, violations

TOP = Path(__file__).parents[1]


def test_the_rooms_keep_their_order_and_their_doors() -> None:
    files = sources(TOP)
    assert len(files) > 20
    assert violations(files) == []


@pytest.mark.parametrize(
    ("path", "text", "breach"),
    [
        ("stctl/tokens/a.py", "from stctl.core.store import Store", "core, which stands above it"),
        ("stctl/tokens/a.py", "import stctl.cli.app", "imports cli, which stands above it"),
        ("stctl/render/a.py", "from stctl import cli", "imports cli, which stands above it"),
        ("stctl/errors.py", "from stctl.tokens import hashes", "tokens, which stands above it"),
        ("stctl/cli/a.py", "from stctl.__main__ import main", "__main__, which stands above it"),
        ("stctl/cdi/a.py", "from stctl.core.service import open_core", "its neighbour core"),
        ("stctl/recipe/a.py", "from stctl.cdi.client import CdiClient", "its neighbour cdi"),
        ("stctl/core/keys/a.py", "import stctl.recipe", "its neighbour recipe"),
        ("stctl/redact.py", "from stctl.errors import StctlError", "its neighbour errors"),
        ("stctl/render/a.py", "import typer", "typer comes in elsewhere: stctl.cli.*"),
        ("stctl/cli/a.py", "from rich.table import Table", "rich comes in elsewhere"),
        ("stctl/core/client.py", "import httpx", "httpx comes in elsewhere"),
        ("stctl/tokens/access.py", "import jwt", "jwt comes in elsewhere"),
        ("stctl/core/engine.py", "from cryptography.x509 import Name", "cryptography comes in"),
        ("stctl/cli/settings.py", "import yaml", "yaml comes in elsewhere"),
        ("stctl/core/service.py", "from granian import Granian", "granian comes in elsewhere"),
        ("stctl/cli/a.py", "import click", "click has no door"),
        ("stctl/cdi/a.py", "def f():\n    import requests", "stctl/cdi/a.py:2: requests has no"),
        ("stctl/tokens/a.py", "from . import hashes", "a relative import"),
        ("stctl/tokens/a.py", "from ..core import store", "a relative import"),
        ("stctl/tokens/a.py", "__import__('stctl.core')", "a name made at run time"),
        ("stctl/cdi/a.py", "import importlib\nimportlib.import_module('x')", "made at run time"),
        ("stctl/helpers.py", "", "belongs to no room"),
        ("stctl/common/a.py", "", "belongs to no room"),
        ("stctl/tokens/a.py", "x = 1\n" * (LINES_AT_MOST + 1), "more than 400 lines"),
    ],
)
def test_a_planted_breach_is_found(path: str, text: str, breach: str) -> None:
    (found,) = violations({path: text})
    assert breach in found


def test_an_import_for_the_type_checker_counts_like_any_other() -> None:
    text = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from stctl.core import store"
    assert violations({"stctl/cdi/a.py": text}) == [
        "stctl/cdi/a.py:3: cdi imports its neighbour core"
    ]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("stctl/cli/a.py", "import typer\nfrom stctl.core.service import open_core"),
        ("stctl/cli/a.py", "from stctl import __version__"),
        ("stctl/render/a.py", "import rich.text\nfrom stctl.traces import link"),
        ("stctl/cdi/transport.py", "import httpx\nfrom stctl.sessions import info"),
        ("stctl/core/keys/pairs.py", "import jwt\nfrom cryptography import fernet"),
        ("stctl/core/settings/yaml_file.py", "import yaml"),
        ("stctl/core/serve.py", "import granian"),
        ("stctl/tokens/a.py", "import json\nfrom stctl.tokens.codec import strict\nx = 1\n" * 100),
    ],
)
def test_what_the_rules_allow_is_no_breach(path: str, text: str) -> None:
    assert violations({path: text}) == []
