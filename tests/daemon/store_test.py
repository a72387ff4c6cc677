"""The etcd where servers and agents meet, as operators set it up: over https, with a user for each process who may write
what is its own and nothing else; and what happens when it was wiped."""

import re
import shutil
import subprocess
import time

import pytest

from meeting import octets, text, wait_until
from meeting_place import AGENTS, DOWN, LOST, SERVERS, UP, Place

ETCD, ALIAS = "10.77.0.2", "10.77.0.9"  # its certificate is for the first of them


@pytest.fixture
def place(tmp_path):
    with Place(tmp_path) as place:
        yield place


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Authority:
    """Issues certificates."""

    def __init__(self, directory, name):
        self.directory = directory / name
        self.directory.mkdir()
        self.certificate, self.key = self.write("authority", f"/CN={name}")

    def write(self, name, subject, *options):
        paths = self.directory / f"{name}.pem", self.directory / f"{name}.key"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", subject,
                *options, "-out", paths[0], "-keyout", paths[1])
        return paths

    def issue(self, name, alternative, subject="/"):
        """Paths of a certificate and of its key."""
        return self.write(name, subject, "-CA", self.certificate, "-CAkey", self.key, "-addext",
                          "basicConstraints=critical,CA:FALSE", "-addext", f"subjectAltName={alternative}")


class Secured:
    """An etcd that asks everybody for a certificate, a user and a password."""

    def __init__(self, place, *options):
        self.place, self.directory = place, place.directory
        self.authority, self.other = (Authority(self.directory, name) for name in ("authority", "other"))
        certificate, key = self.authority.issue("etcd", f"IP:{ETCD}", "/CN=etcd")
        self.client = self.authority.issue("client", "DNS:holdfast")
        self.etcd = place.etcd(
            place.machine(ETCD, ALIAS), "etcd", "--listen-peer-urls", f"http://{ETCD}:2380", "--bcrypt-cost", "4", *options,
            "--cert-file", certificate, "--key-file", key, "--client-cert-auth", "--trusted-ca-file", self.authority.certificate,
            listen=[f"https://{ETCD}:2379", f"https://{ALIAS}:2379"],
            ask_with=("--cacert", self.authority.certificate, "--cert", self.client[0], "--key", self.client[1]))
        wait_until(self.etcd.answers)
        self.add_user("root", "root")
        for name in SERVERS:
            self.add_user(name, name)
            self.may("READ", name, "/holdfast/", "/holdfast0")
            self.may("WRITE", name, f"/holdfast/server/{name}")
            self.may("WRITE", name, f"/holdfast/agent/{name}")
            self.may("WRITE", name, "/holdfast/override/", "/holdfast/override0")
        for name in (*AGENTS, "virginia"):
            self.add_user(name, name)
            self.may("READ", name, "/holdfast/", "/holdfast0")
            self.may("WRITE", name, f"/holdfast/agent/{name}")
        self.ask("auth/enable")

    def add_user(self, name, role):
        self.ask("auth/user/add", name=name, password=f"{name}'s password")
        self.ask("auth/role/add", name=role)
        self.ask("auth/user/grant", user=name, role=role)
        path = self.directory / f"{name}.password"
        path.write_text(f"{name}'s password\n")
        path.chmod(0o600)

    def may(self, what, role, first, end=None):
        """From this key up to, but without, the other."""
        more = {"range_end": octets(end)} if end else {}
        self.ask("auth/role/grant", name=role, perm={"permType": what, "key": octets(first), **more})

    def ask(self, path, token="", **body):
        status, answer = self.etcd.ask(path, token, **body)
        assert status == 200, answer
        return answer

    def token(self, name="root"):
        return self.ask("auth/authenticate", name=name, password=f"{name}'s password")["token"]

    def why_void(self, token):
        """Why etcd does not take it; null: it does."""
        return self.etcd.ask("kv/range", token, key=octets("any"))[1].get("message")

    def agents(self):
        """Who stands below agent/, as of which revision; with the revision of the store itself as ""."""
        answer = self.ask("kv/range", self.token(), key=octets("/holdfast/agent/"), range_end=octets("/holdfast/agent0"))
        found = {text(one["key"]).removeprefix("/holdfast/agent/"): int(one["mod_revision"])
                 for one in answer.get("kvs", ())}
        return found | {"": int(answer["header"]["revision"])}

    def wait_until_all_wrote(self, since):
        """Until every process has written, by a token that etcd takes, after this revision."""
        wait_until(lambda: all(self.agents().get(name, 0) > since for name in (*SERVERS, *AGENTS)))

    def store(self, name, **changes):
        """`[store]` for the process of that name, but for the lines that are to be otherwise; null: left out."""
        lines = {"endpoints": [f"https://{ETCD}:2379"], "ca_file": self.authority.certificate, "certificate": self.client[0],
                 "key": self.client[1], "user": name, "password_file": self.directory / f"{name}.password", **changes}
        return "\n".join(f"{key} = {value if isinstance(value, list) else repr(str(value))}"
                         for key, value in lines.items() if value is not None)


@pytest.fixture(scope="module")
def secured(tmp_path_factory):
    with Place(tmp_path_factory.mktemp("secured")) as place:
        secured = Secured(place)
        place.meet(secured.store)
        yield secured


def showing(paths):
    return {"certificate": paths[0], "key": paths[1]}


# What is asked where etcd hung up before its alert was read, which is chance (TLS 1.3 takes certificates after its handshake).
HUNG_UP = r"\(does etcd take our certificate\?\)"

# Who is not let in: what is otherwise in its `[store]`, and what it is told.
STRANGERS = {
    "another authority": (lambda etcd: {"ca_file": etcd.other.certificate}, "SSL certificate problem"),
    "the system's authorities": (lambda etcd: {"ca_file": None}, "SSL certificate problem"),
    "another name": (lambda etcd: {"endpoints": [f"https://{ALIAS}:2379"]}, f"does? not match.*{ALIAS}|no .* matches .*{ALIAS}"),
    "no TLS": (lambda etcd: {"endpoints": [f"http://{ETCD}:2379"], "user": None, "password_file": None}, "no answer: http://"),
    "no client certificate": (lambda etcd: showing((None, None)), f"alert (bad certificate|certificate required)|{HUNG_UP}"),
    "a client certificate of another authority": (lambda etcd: showing(etcd.other.issue("client", "DNS:holdfast")),
                                                  f"alert (bad certificate|unknown ca)|{HUNG_UP}"),
    "a client certificate with a common name": (lambda etcd: showing(etcd.authority.issue("named", "DNS:holdfast", "/CN=cork")),
                                                "CommonName of client"),
    "a wrong password": (lambda etcd: {"password_file": etcd.directory / "cork.password"}, "invalid user ID or password"),
    "no user": (lambda etcd: {"user": None, "password_file": None}, "user name is empty"),
}


@pytest.mark.parametrize("who", STRANGERS)
def test_who_is_not_let_in_is_told_why(secured, who):
    changes, problem = STRANGERS[who]
    with secured.place.guest("virginia", secured.store("virginia", **changes(secured))) as agent:
        agent.log.wait_for(f"{LOST}: ")
        wait_until(lambda: re.search(f"store: connecting: .*({problem})", agent.command_line("store", code=1)))


def test_an_agent_has_only_the_name_that_its_user_may_write(secured):
    place = secured.place
    began = time.monotonic()
    with place.guest("virginia", secured.store("cork")) as impostor:
        impostor.log.wait_for("the store is followed, but takes nothing of ours: etcdserver: permission denied")
        assert "store: following: etcdserver: permission denied" in impostor.command_line("store", code=1)
        assert all(server.standing("virginia") == "absent" for server in place.servers.values())
        with place.guest("virginia", secured.store("virginia"), place.machine("10.77.0.22")):
            place.wait_for_quorum(count=3)
            assert impostor.store()["problem"] == "etcdserver: permission denied"
            assert set(secured.agents()) == {"", "virginia", *SERVERS, *AGENTS}
    assert not place.watcher.since(began)


def test_servers_may_write_what_they_decide_and_agents_may_not(secured):
    ns1, ns2 = secured.place.servers.values()
    ns1.command_line("drain", DOWN, "--reason", "a new kernel")
    wait_until(lambda: len(ns2.json("/api/v1/overrides")) == 1)
    ns2.command_line("release", DOWN)
    wait_until(lambda: not ns1.json("/api/v1/overrides"))
    for user, key in (("cork", "agent/tokyo"), ("cork", "server/ns1"), ("cork", "override/1"), ("ns1", "server/ns2"),
                      ("ns1", "agent/cork")):
        _, answer = secured.etcd.ask("kv/put", secured.token(user), key=octets(f"/holdfast/{key}"), value=octets("me"))
        assert answer.get("message") == "etcdserver: permission denied", (user, key)


def lost_tokens(place, logged):
    """Who lost the store since then for want of a token. A store that is only slow may be lost for a moment, too."""
    return [line for line in place.lost(since=logged) if re.search("token|authenticat", line)]


def test_tokens_that_are_void_are_renewed_without_anybody_noticing(secured):
    place = secured.place
    began, logged, token = time.monotonic(), place.logged(), secured.token()
    secured.ask("auth/disable", token)
    secured.ask("auth/enable")
    assert secured.why_void(token) == "etcdserver: invalid auth token"
    secured.wait_until_all_wrote(since=secured.agents()[""])
    # Who is slow may ask for a token just between the two.
    assert not [line for line in lost_tokens(place, logged) if "authentication is not enabled" not in line]
    assert not place.watcher.since(began)


def test_all_come_back_when_etcd_was_restarted_and_knows_no_token(secured):
    place = secured.place
    began = time.monotonic()
    secured.etcd.kill()
    wait_until(lambda: place.all_are("connecting"))
    secured.etcd.start()
    wait_until(lambda: place.all_are("following"))
    secured.wait_until_all_wrote(since=secured.agents()[""])
    assert place.all_count()
    assert not place.watcher.since(began)


def test_tokens_that_end_are_renewed_without_anybody_noticing(place):
    private, public = place.directory / "jwt.key", place.directory / "jwt.pem"
    openssl("genrsa", "-out", private, "2048")
    openssl("rsa", "-in", private, "-pubout", "-out", public)
    secured = Secured(place, "--auth-token", f"jwt,pub-key={public},priv-key={private},sign-method=RS256,ttl=10s")
    place.meet(secured.store)
    logged, token = place.logged(), secured.token()
    before = secured.agents()[""]
    secured.ask("auth/user/add", token, name="somebody", password="somebody's password")
    assert secured.why_void(token) == "etcdserver: revision of auth store is old"
    second = place.origin("second", DOWN)
    place.watcher.wait([UP, DOWN])
    secured.wait_until_all_wrote(since=before)
    token, before = secured.token(), secured.agents()[""]
    wait_until(lambda: secured.why_void(token) == "etcdserver: invalid auth token")
    second.kill()
    place.watcher.wait([UP])
    secured.wait_until_all_wrote(since=before)
    assert not lost_tokens(place, logged)

def test_a_store_that_was_wiped_changes_nothing_and_is_believed_again_when_somebody_says_so(place):
    etcd = place.etcd(place.machine(ETCD), "etcd", "--listen-peer-urls", f"http://{ETCD}:2380", listen=[f"http://{ETCD}:2379"])
    place.meet(lambda name: f'endpoints = ["http://{ETCD}:2379"]')
    ns1, ns2 = place.servers.values()
    ns1.command_line("drain", DOWN, "--reason", "a new kernel")
    wait_until(lambda: ns2.json("/api/v1/overrides"))
    began, logged = time.monotonic(), {server: len(server.log.lines) for server in (ns1, ns2)}
    etcd.kill()
    shutil.rmtree(etcd.directory)
    etcd.start()
    for server in ns1, ns2:
        server.log.wait_for("the store is not believed: .*; when it is right: holdfast store accept", since=logged[server])
        assert "store: refused: the store went back, from revision" in server.command_line("store", code=1)
        assert {address: one["verdict"] for address, one in server.targets("web").items()} == {UP: "up", DOWN: "down"}
    place.origin("second", DOWN)
    for server in ns1, ns2:
        server.command_line("store", "accept")
        server.log.wait_for("the store is followed", since=logged[server])
        server.command_line("store")
    place.wait_for_quorum()
    wait_until(lambda: all(server.targets("web")[DOWN]["verdict"] == "up" for server in (ns1, ns2)))
    assert not place.watcher.since(began)
    ns2.command_line("release", DOWN)
    place.watcher.wait([UP, DOWN])
