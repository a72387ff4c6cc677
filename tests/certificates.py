"""Certificates as name servers have them, made by OpenSSL."""

import subprocess

from name_servers import Tls

EC = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]


class Authority:
    """Issues certificates; all files are below a directory of the test's."""

    def __init__(self, directory, name="authority"):
        self.directory = directory / name
        self.directory.mkdir()
        self.certificate, self._key = self.directory / "ca.pem", self.directory / "ca.key"
        openssl("req", "-x509", *EC, "-days", 30, "-subj", f"/CN={name}", "-out", self.certificate, "-keyout", self._key)

    def issue(self, name, days=30):
        """(certificate, key) for a host name, good from now on; with `days` below 0 no more."""
        certificate, key = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        request = openssl("req", *EC, "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", key)
        openssl("x509", "-req", "-copy_extensions", "copy", "-CA", self.certificate, "-CAkey", self._key, "-days", days,
                "-out", certificate, given=request)
        return certificate, key

    def tls(self, name, port, days=30, shows=False):
        return Tls(name, self.certificate, *self.issue(name, days), port=port, shows=shows)


def openssl(*words, given=None):
    return subprocess.run(["openssl", *map(str, words)], input=given, check=True, capture_output=True).stdout
