"""Fetch a picture from an http(s) address, within limits of bytes and of time."""

import time
import urllib.error
import urllib.request
from http.client import HTTPException
from typing import Any

from scratch.images.errors import PictureError


def downloaded(address: str, max_bytes: int, timeout: float) -> bytes:
    """Fetch an address, as long as it sends neither too much nor too slowly.

    The socket's own time-out begins anew with every piece that comes, so a sender that trickles would never end: the
    clock is read between the pieces, too.
    """
    deadline = time.monotonic() + timeout
    too_slow = PictureError(f"{address}: no complete answer within {timeout:g} seconds (timeout).")
    content = bytearray()
    try:
        with open_address(address, timeout) as answer:
            while piece := answer.read1(64 * 1024):
                content += piece
                if len(content) > max_bytes:
                    raise PictureError(f"{address}: the address sends more than {max_bytes:,} bytes (max_bytes).")
                if time.monotonic() > deadline:
                    raise too_slow
            promised = answer.headers.get("Content-Length", "")
    except urllib.error.HTTPError as error:
        error.close()
        raise PictureError(f"{address}: the server answers {error.code} {error.reason}.") from None
    except TimeoutError:
        raise too_slow from None
    except urllib.error.URLError as error:
        if isinstance(error.reason, TimeoutError):
            raise too_slow from None
        raise PictureError(f"{address}: the address cannot be reached ({error.reason}).") from None
    except (OSError, HTTPException, ValueError) as error:
        raise PictureError(f"{address}: the connection failed ({error}).") from None
    if promised.isdigit() and len(content) < int(promised):
        raise PictureError(f"{address}: only {len(content):,} of {int(promised):,} bytes have come.")
    return bytes(content)


def open_address(address: str, timeout: float) -> Any:
    """Open an http(s) address. Others, file:// and ftp://, are refused after a redirection as well."""
    opener = urllib.request.OpenerDirector()
    for handler in (
        urllib.request.ProxyHandler,
        urllib.request.HTTPHandler,
        urllib.request.HTTPSHandler,
        urllib.request.HTTPDefaultErrorHandler,
        urllib.request.HTTPRedirectHandler,
        urllib.request.HTTPErrorProcessor,
        urllib.request.UnknownHandler,
    ):
        opener.add_handler(handler())
    return opener.open(urllib.request.Request(address, headers={"User-Agent": "nn-parity"}), timeout=timeout)
