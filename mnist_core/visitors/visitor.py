"""Who asks: one's own machine, a visitor known by a cookie or an account, or somebody unknown.

On one's own machine there is one silent user who may do everything. That is so only if $MNIST_SHARED is not
set, and the request comes from this machine itself, through no proxy: a proxy on this machine forwards the
requests of others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from ipaddress import ip_address

OWN, UNKNOWN = "", "unknown"  # ids of who uses their own machine, and of a browser that keeps no cookie
ROLES = ("own", "teacher", "pupil", "unknown")
_FORWARDING = ("forwarded", "via", "x-real-ip", "cf-connecting-ip", "true-client-ip")


@dataclass(frozen=True)
class Account:
    """What an OpenID provider says about who has signed in; `issuer` is "" where nobody has.

    `email` is "" unless the provider has verified it.
    """

    issuer: str = ""
    subject: str = ""
    name: str = ""
    email: str = ""

    @property
    def id(self) -> str:
        """The id of this account's visitor: 16 hexadecimal digits that do not tell whose account it is."""
        return sha256(f"{self.issuer}\n{self.subject}".encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Request:
    """What is known of a request: the address of the machine that sends it, the names of its headers, the
    visitor's cookie, and the account; None where the server knows no accounts."""

    address: str | None
    headers: tuple[str, ...] = ()
    cookie: str = ""
    account: Account | None = None


@dataclass(frozen=True)
class Visitor:
    """Somebody who asks. `role` is one of ROLES: "own" and "teacher" may do everything, "pupil" may act on what
    is theirs, "unknown" may only look. `name` is "" for who has not given one."""

    id: str
    role: str
    name: str = ""

    @property
    def is_teacher(self) -> bool:
        """Whether everything is allowed to them."""
        return self.role in ("own", "teacher")

    @property
    def is_alone(self) -> bool:
        """Whether they use their own machine, where nothing is said about visitors."""
        return self.role == "own"

    @property
    def can_act(self) -> bool:
        """Whether it is known who they are, so that what they make is theirs."""
        return self.role != "unknown"


def asking(request: Request, is_shared: bool, id_in: Callable[[str], str]) -> str:
    """The id of who asks; OWN on one's own machine, UNKNOWN without a valid cookie or before signing in.

    `is_shared` says whether $MNIST_SHARED is set, `id_in` gives the id in a cookie, "" if it is not ours.
    """
    if not is_shared and is_from_here(request):
        return OWN
    if request.account is not None:
        return request.account.id if request.account.issuer else UNKNOWN
    return id_in(request.cookie) or UNKNOWN


@lru_cache(maxsize=1024)  # asked several times for each stroke
def is_from_here(request: Request) -> bool:
    """Whether the request comes from this machine itself, as far as its address and headers tell."""
    names = [name.lower() for name in request.headers]
    if any(name in _FORWARDING or name.startswith("x-forwarded") for name in names):
        return False
    try:
        address = ip_address(request.address or "")
    except ValueError:  # such as a Unix socket, behind which a proxy is
        return False
    return (getattr(address, "ipv4_mapped", None) or address).is_loopback
