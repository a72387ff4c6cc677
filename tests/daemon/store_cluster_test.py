"""An etcd of three members where servers and agents meet, and what becomes of these when one of the three is gone."""

import re
import time

import pytest

from meeting import wait_until
from meeting_place import DOWN, UP, Place

MEMBERS = ["10.77.0.2", "10.77.0.3", "10.77.0.4"]


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
    try:
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
    finally:
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
