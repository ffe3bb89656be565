"""A CA of one's own, made when a test needs it, and certificates from it."""

import datetime as dt
from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = dt.timedelta(days=1)


@dataclass(slots=True)
class Certificate:
    certificate: Path
    key: Path
    serial: int


@dataclass(slots=True)
class Authority:
    """`folder` gets `<name>.pem` and `<name>.key`; `file` is what a client trusts."""

    folder: Path
    name: str = "Test CA"
    _key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def _subject(self) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, self.name)])

    @property
    def file(self) -> Path:
        file = self.folder / f"{self.name}.pem"
        if not file.exists():
            extension = x509.BasicConstraints(ca=True, path_length=0)
            built = self._builder(self._subject, self._key.public_key()).add_extension(extension, critical=True)
            file.write_bytes(built.sign(self._key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        return file

    def _builder(self, subject: x509.Name, key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        now = dt.datetime.now(dt.UTC)
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._subject)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - DAY)
            .not_valid_after(now + 30 * DAY)
        )

    def issue(self, *names: str, file: str = "") -> Certificate:
        """For host names and addresses; `file` is how its files are called, the first name unless given."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        others = x509.SubjectAlternativeName(
            [x509.IPAddress(ip_address(name)) if name[0].isdigit() else x509.DNSName(name) for name in names]
        )
        signed = self._builder(subject, key.public_key()).add_extension(others, critical=False)
        made = signed.sign(self._key, hashes.SHA256())
        stem = self.folder / (file or names[0])
        found = Certificate(stem.with_suffix(".pem"), stem.with_suffix(".key"), made.serial_number)
        found.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
        found.key.touch(mode=0o600)
        found.key.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return found
