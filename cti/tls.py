"""TLS as this project uses it: 1.2 or newer, certificates always checked, and errors that say what to do."""

import ssl
from pathlib import Path

from cti.errors import Unusable

_WRONG_NAME = {62, 63, 64}
"""OpenSSL's X509_V_ERR_*_MISMATCH: host name, e-mail address, IP address."""
_EXPIRED, _NOT_YET = 10, 9


def client_context(
    ca_file: Path | None = None, *, certificate: Path | None = None, key: Path | None = None
) -> ssl.SSLContext:
    """For connecting to a server whose certificate comes from the CA in `ca_file`; None: one that the system trusts.

    `certificate` and `key` are our own, for a server that asks for one. Raises Unusable for files that are none.
    """
    try:
        context = ssl.create_default_context(cafile=None if ca_file is None else str(ca_file))
    except OSError as error:
        raise Unusable(f"the CA's certificate cannot be read from {ca_file}: {_file_error(error)}") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if certificate is not None:
        load(context, certificate, key)
    return context


def server_context(certificate: Path, key: Path | None) -> ssl.SSLContext:
    """For a server of ours. `key` None: it is in the certificate's file. Raises Unusable for files that are none."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    load(context, certificate, key)
    return context


def load(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    """Also into a context that is in use: connections from now on have the new certificate, the others go on."""
    try:
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(certificate, key, password=_no_password)
        context.load_cert_chain(certificate, key, password=_no_password)
    except (OSError, ValueError) as error:
        files = f"{certificate}" if key is None else f"{certificate} and {key}"
        raise Unusable(f"there is no certificate with its key in {files}: {_file_error(error)}") from None


def _no_password() -> str:
    """Nobody sits at a terminal to type one."""
    raise ValueError("the key is encrypted, and nobody is there to type its password")


def _file_error(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        return (error.reason or "it is not PEM").replace("_", " ").lower()
    return (error.strerror if isinstance(error, OSError) else "") or str(error)


def refusal(error: BaseException, host: str) -> str:
    """Why a connection over TLS came to nothing, in a sentence; "" for an error that has nothing to do with TLS."""
    if isinstance(error, ssl.SSLCertVerificationError):
        if error.verify_code in _WRONG_NAME:
            return f"the server's certificate is not for '{host}': {error.verify_message}"
        if error.verify_code in {_EXPIRED, _NOT_YET}:
            return f"the server's certificate has expired, or is not valid yet: {error.verify_message}"
        return f"the server's certificate comes from no CA that we trust (ca_file): {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"no TLS with this server: {(error.reason or str(error)).replace('_', ' ').lower()}"
    return ""
