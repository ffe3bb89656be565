"""The headers that every answer carries."""

from typing import Final
from urllib.parse import urlsplit

DEMO_HEADER: Final = "X-Laidian-Demo"
CSRF_HEADER: Final = "X-CSRF-Token"
NO_STORE: Final = "no-store"


def origin_of(url: str) -> str:
    """Scheme, host and port of a URL, as a CSP source."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def content_security_policy(phone_ws_url: str) -> str:
    """No inline script or style, nothing from elsewhere; besides ourselves only the phone's websocket is reached.

    `phone_ws_url`: one for each telephone system, with a space between.
    """
    connect = " ".join(("'self'", *map(origin_of, phone_ws_url.split())))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "img-src 'self' data:",
            "font-src 'self'",
            "media-src 'self' blob:",
            "worker-src 'self'",
            f"connect-src {connect}",
            "manifest-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "frame-ancestors 'none'",
        )
    )


HSTS: Final = "max-age=31536000"
"""A year in which browsers do not try it without TLS."""


def security_headers(*, phone_ws_url: str, demo: bool, secure: bool = False) -> dict[str, str]:
    """`secure`: browsers come over HTTPS."""
    headers = {
        "Content-Security-Policy": content_security_policy(phone_ws_url),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "microphone=(self), camera=(), geolocation=()",
    }
    if secure:
        headers["Strict-Transport-Security"] = HSTS
    return headers | {DEMO_HEADER: "1"} if demo else headers
