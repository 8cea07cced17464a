"""Which proxy of the environment stands between this machine and a server, by the rules of curl.

The client leaves the choice to curl; this is for the words of an error, so that nobody looks for the fault at the
wrong machine. https://curl.se/docs/manpage.html#ENVIRONMENT has the rules: `http_proxy` in lower case only,
`https_proxy` and `all_proxy` in either, `no_proxy` a list of names and networks that are asked directly.
"""

import ipaddress
import os
import re
from dataclasses import dataclass

from logitlab.llms.ollama.host import hidden, host_of, is_this_machine


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy of the environment: the variable that names it, its address without a password, for which host."""

    variable: str
    url: str
    host: str

    @property
    def name(self) -> str:
        """What errors call it."""
        return f"the proxy {self.url}, which the variable {self.variable} names"

    @property
    def way_around(self) -> str:
        """How not to use it."""
        return f"no_proxy={self.host} in the environment goes around it"

    def hide(self, text: str) -> str:
        """`text` without the password of the proxy's address, which curl prints in some of its errors."""
        user = os.environ.get(self.variable, "").rpartition("@")[0].rpartition("//")[2]
        return text.replace(user, "***") if user else text


def proxy_for(base: str) -> Proxy | None:
    """Return the proxy through which curl reaches the server at `base`; None where it goes there directly."""
    if is_this_machine(base):
        return None
    host = host_of(base).strip("[]")
    names = ("http_proxy",) if base.startswith("http://") else ("https_proxy", "HTTPS_PROXY")
    for variable in (*names, "all_proxy", "ALL_PROXY"):
        if value := os.environ.get(variable):
            return None if _goes_around(host) else Proxy(variable, hidden(value), host)
    return None


def _goes_around(host: str) -> bool:
    listed = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    entries = [entry.lower() for entry in re.split(r"[\s,]+", listed) if entry]
    return "*" in entries or any(_matches(host.lower(), entry) for entry in entries)


def _matches(host: str, entry: str) -> bool:
    """Return a name matches itself and what is below it, an address itself and its network."""
    try:
        return ipaddress.ip_address(host) in ipaddress.ip_network(entry.strip("[]"), strict=False)
    except ValueError:
        name = entry.strip(".")
        return bool(name) and (host.rstrip(".") == name or host.rstrip(".").endswith(f".{name}"))
