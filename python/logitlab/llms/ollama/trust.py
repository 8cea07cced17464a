"""Whom a client trusts over https, and how it says who it is: the `verify=` and `cert=` of requests and httpx."""

import os
from os import PathLike
from typing import Any, TypedDict

from logitlab.messages import shown


class Trust(TypedDict, total=False):
    """What `logitlab._http.Connection` takes."""

    verify: bool
    ca_file: str
    cert_file: str
    key_file: str
    key_password: str


def trust(verify: Any, cert: Any) -> Trust:
    """Return the settings of a connection; a file that is not there is an error here, before anything is sent.

    Parameters
    ----------
    verify : bool or path
        True: the certificates that the system trusts. A path: those of that file. False: any certificate.
    cert : path or tuple of path, optional
        The client's certificate with its key in the same file, or (certificate, key), or (certificate, key,
        password of the key).
    """
    told: Trust = {}
    if verify is False:
        told["verify"] = False
    elif verify is not True:
        told["ca_file"] = _file(verify, "verify must be True, False or the path of a file of certificates")
    return told | _own(cert)


def _own(cert: Any) -> Trust:
    needed = "cert must be the path of a file, (certificate, key) or (certificate, key, password)"
    if cert is None:
        return {}
    parts = cert if isinstance(cert, tuple | list) else (cert,)
    if not 1 <= len(parts) <= 3:
        raise TypeError(f"{needed}, got {len(parts)} parts")
    told: Trust = {"cert_file": _file(parts[0], needed)}
    if len(parts) > 1:
        told["key_file"] = _file(parts[1], needed)
    if len(parts) > 2:
        if not isinstance(parts[2], str):
            raise TypeError(f"{needed}, got a password of type {type(parts[2]).__name__}")
        told["key_password"] = parts[2]
    return told


def _file(path: Any, needed: str) -> str:
    if not isinstance(path, str | PathLike):
        raise TypeError(f"{needed}, got {type(path).__name__}")
    if not os.path.isfile(path):  # not Path.is_file(), which raises for a path that is too long
        raise FileNotFoundError(f"{needed}, got {shown(os.fsdecode(path))}, which is not there")
    return os.fsdecode(path)
