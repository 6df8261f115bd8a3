import subprocess
import sys


def test_a_client_of_a_core_in_process_loads_no_httpx() -> None:
    script = (
        "import sys\n"
        "from stctl.cdi.client import CdiClient\n"
        "from stctl.cdi.transport import HttpTransport, InProcessTransport\n"
        "from stctl.exchange import Response\n"
        "client = CdiClient(InProcessTransport(lambda _: Response(status=200, body=b'Hello')))\n"
        "assert client.hello() == 'Hello'\n"
        "print(sorted({'httpx', 'ssl', 'asyncio', 'email', 'jwt'} & set(sys.modules)))\n"
    )
    done = subprocess.run(  # noqa: S603 - this very Python
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", check=True
    )
    assert done.stdout == "[]\n"
