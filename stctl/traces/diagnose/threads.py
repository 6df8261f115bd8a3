"""Threads in which people met a problem, by their short names, such as `node#790`."""

from typing import Final

_REPOSITORIES: Final = {
    "core": "supertokens/supertokens-core",
    "node": "supertokens/supertokens-node",
    "python": "supertokens/supertokens-python",
    "golang": "supertokens/supertokens-golang",
    "website": "supertokens/supertokens-website",
    "auth-react": "supertokens/supertokens-auth-react",
    "web-js": "supertokens/supertokens-web-js",
    "rn": "supertokens/supertokens-react-native",
    "flutter": "supertokens/supertokens-flutter",
    "ios": "supertokens/supertokens-ios",
    "docs": "supertokens/docs",
}


def thread(name: str) -> str:
    """The address of an issue or pull request; a full address stays as it is.

    >>> thread("node#790")
    'https://github.com/supertokens/supertokens-node/issues/790'
    >>> thread("vercel/next.js#42634")
    'https://github.com/vercel/next.js/issues/42634'
    """
    if "://" in name:
        return name
    repository, _, number = name.partition("#")
    return f"https://github.com/{_REPOSITORIES.get(repository, repository)}/issues/{number}"
