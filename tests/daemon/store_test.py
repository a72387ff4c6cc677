"""The etcd where servers and agents meet, as operators set it up: over https, with a user for each process who may write
what is its own and nothing else; as a cluster of three; and what happens when it was wiped."""

import contextlib
import re
import shutil
import subprocess
import time

import pytest

from meeting import Etcd, Nginx, Program, Watcher, octets, text, wait_for_quorum, wait_until
from network import Network

SERVERS = {"ns1": "10.77.0.11", "ns2": "10.77.0.12"}
AGENTS = {"cork": "10.77.0.21", "tokyo": "10.77.0.23"}
GUEST = "10.77.0.41"  # of a process that each test sets up in its own way
UP, DOWN = "10.77.0.101", "10.77.0.102"
ETCD, ALIAS = "10.77.0.2", "10.77.0.9"  # its certificate is for the first of them
MEMBERS = ["10.77.0.2", "10.77.0.3", "10.77.0.4"]
LOST = r"the store (is lost|cannot be had)"

CONTROL = """
[control]
listen = "127.0.0.1:8053"
"""

SERVER = CONTROL + """
[server]
listen = ["%s:53"]
state  = "state"

[location.eu]
[location.us]
[location.asia]
[agent.cork]
location = "eu"
[agent.virginia]
location = "us"
[agent.tokyo]
location = "asia"

[monitor.web]
type     = "http"
interval = "1s"
fall     = 1
rise     = 1

[pool.shop]
monitor = "web"
members = [{ address = "10.77.0.101" }, { address = "10.77.0.102" }]

[[zone]]
name = "example.com"
file = "example.com.zone"
live = [{ name = "shop", pool = "shop" }]
"""


class Place:
    """Machines, an origin that is up and one that is down; servers and agents once they are started."""

    def __init__(self, directory):
        self.directory = directory
        self.ends = contextlib.ExitStack()  # of all that was started here, the last first
        self.network = Network()
        self.ends.callback(self.network.close)
        self.origins = self.network.machine(UP, DOWN)
        self.spare = self.network.machine(GUEST)
        self.guests = 0
        self.origin("first", UP)

    def __enter__(self):
        return self

    def __exit__(self, *why):
        self.ends.close()

    def machine(self, *addresses):
        return self.network.machine(*addresses)

    def origin(self, name, address):
        origin = Nginx(self.origins, self.directory / name, address)
        self.ends.callback(origin.kill)
        return origin

    def etcd(self, machine, name, *options, **more):
        etcd = Etcd(machine, self.directory / name, *options, **more)
        self.ends.callback(etcd.kill)
        return etcd

    def meet(self, store):
        """All of them, by way of `[store]` as store(name) says it, until they agree."""
        agents = {name: self.program(name, "agent", CONTROL, name, store(name), self.machine(address))
                  for name, address in AGENTS.items()}
        self.servers = {name: self.program(name, "serve", SERVER % address, name, store(name), self.machine(address))
                        for name, address in SERVERS.items()}
        self.programs = {**agents, **self.servers}
        self.watcher = Watcher(self.machine("10.77.0.31"), "shop.example.com", *SERVERS.values())
        self.ends.callback(self.watcher.stop)
        self.watcher.wait([UP])
        self.wait_for_quorum()

    @contextlib.contextmanager
    def guest(self, name, store, machine=None):
        """An agent for as long as that; on the machine of guests, if it has none of its own."""
        self.guests += 1
        agent = self.program(f"guest-{self.guests}", "agent", CONTROL, name, store, machine or self.spare)
        try:
            yield agent
        finally:
            agent.stop()

    def program(self, directory, command, config, name, store, machine):
        config = f'[self]\nname = "{name}"\n[store]\n{store}\n{config}'
        program = Program(machine, self.directory / directory, command, config)
        self.ends.callback(program.stop)
        return program

    def wait_for_quorum(self, count=len(AGENTS)):
        wait_for_quorum(self.servers.values(), count=count)

    def all_count(self):
        return all(server.standing(name) == "counted" for server in self.servers.values() for name in AGENTS)

    def all_are(self, state):
        return all(program.store()["state"] == state for program in self.programs.values())

    def logged(self):
        """How much each has logged up to now."""
        return {name: len(program.log.lines) for name, program in self.programs.items()}

    def lost(self, since):
        """What those who lost the store since then say of it."""
        return [line for name, program in self.programs.items() for line in program.log.lines[since[name]:]
                if re.search(LOST, line)]


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


# Who is not let in: what is otherwise in its `[store]`, and what it is told.
STRANGERS = {
    "another authority": (lambda etcd: {"ca_file": etcd.other.certificate}, "SSL certificate problem"),
    "the system's authorities": (lambda etcd: {"ca_file": None}, "SSL certificate problem"),
    "another name": (lambda etcd: {"endpoints": [f"https://{ALIAS}:2379"]}, f"does? not match.*{ALIAS}|no .* matches .*{ALIAS}"),
    "no TLS": (lambda etcd: {"endpoints": [f"http://{ETCD}:2379"], "user": None, "password_file": None}, "no answer: http://"),
    "no client certificate": (lambda etcd: showing((None, None)), "alert (bad certificate|certificate required)"),
    "a client certificate of another authority": (lambda etcd: showing(etcd.other.issue("client", "DNS:holdfast")),
                                                  "alert (bad certificate|unknown ca)"),
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
        # Where etcd hangs up, whether its last word is read is chance.
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


def test_tokens_that_are_void_are_renewed_without_anybody_noticing(secured):
    place = secured.place
    began, logged, token = time.monotonic(), place.logged(), secured.token()
    secured.ask("auth/disable", token)
    secured.ask("auth/enable")
    assert secured.why_void(token) == "etcdserver: invalid auth token"
    secured.wait_until_all_wrote(since=secured.agents()[""])
    # Who is slow may ask for a token just between the two.
    assert not [line for line in place.lost(since=logged) if "authentication is not enabled" not in line]
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
    secured = Secured(place, "--auth-token", f"jwt,pub-key={public},priv-key={private},sign-method=RS256,ttl=2s")
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
    assert not place.lost(since=logged)


class Cluster:
    """Three members of etcd."""

    def __init__(self, place):
        self.machines = {address: place.machine(address) for address in MEMBERS}
        peers = ",".join(f"{address}=http://{address}:2380" for address in MEMBERS)
        self.members = {address: place.etcd(machine, f"etcd-{address}", "--name", address, "--initial-cluster", peers,
                                            "--initial-advertise-peer-urls", f"http://{address}:2380",
                                            "--listen-peer-urls", f"http://{address}:2380", listen=[f"http://{address}:2379"])
                        for address, machine in self.machines.items()}
        wait_until(self.all_answer)

    def lead(self, address):
        """Makes that member the leader."""
        said = {one: self.members[one].ask("maintenance/status")[1] for one in MEMBERS}
        wanted = said[address]["header"]["member_id"]
        leader, = (one for one in MEMBERS if said[one]["header"]["member_id"] == said[one]["leader"])
        if leader != address:
            status, answer = self.members[leader].ask("maintenance/transfer-leadership", targetID=wanted)
            assert status == 200, answer

    def all_answer(self):
        return all(member.answers() for member in self.members.values())

    def watches(self):
        """How many processes follow the store by way of each member that is there."""
        metrics = {address: member.metrics() for address, member in self.members.items()}
        return {address: int(re.search(r"(?m)^etcd_debugging_mvcc_watch_stream_total (\d+)", said)[1])
                for address, said in metrics.items() if said}

    def most_used(self):
        watches = self.watches()
        return max(watches, key=watches.get)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    with Place(tmp_path_factory.mktemp("cluster")) as place:
        cluster = Cluster(place)
        place.meet(lambda name: f"endpoints = {[f'http://{address}:2379' for address in MEMBERS]}")
        yield place, cluster


def test_when_the_member_in_use_dies_the_next_is_used(cluster):
    place, cluster = cluster
    cluster.lead(cluster.most_used())  # then its death is felt by the others as well
    used = cluster.most_used()
    users = cluster.watches()[used]
    began, logged = time.monotonic(), place.logged()
    cluster.members[used].kill()
    wait_until(lambda: len(place.lost(since=logged)) >= users > 0)
    wait_until(lambda: place.all_are("following"))
    took = time.monotonic() - began
    print(f"followed again after {took:.1f} s")
    assert took < 5
    wait_until(lambda: sum(cluster.watches().values()) == len(place.programs))
    place.wait_for_quorum()
    assert not place.watcher.since(began)
    second = place.origin("second", DOWN)
    place.watcher.wait([UP, DOWN])
    second.kill()
    place.watcher.wait([UP])
    cluster.members[used].start()


def test_a_member_that_is_cut_off_from_the_others_is_left(cluster):
    place, cluster = cluster
    wait_until(cluster.all_answer)
    cluster.lead(cluster.most_used())
    used = cluster.most_used()
    began = time.monotonic()
    for other in MEMBERS:
        if other != used:
            cluster.machines[used].run(f"ip route add blackhole {other}")
    wait_until(lambda: cluster.watches()[used] == 0)
    print(f"left after {time.monotonic() - began:.1f} s")
    wait_until(lambda: sum(cluster.watches().values()) == len(place.programs))
    assert place.all_count()
    assert not place.watcher.since(began)


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
