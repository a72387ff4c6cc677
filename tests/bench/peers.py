"""How each server is configured for a workload: one worker where nothing else is said, minimal responses, no limits."""

import pathlib
import subprocess

from server import Server

BUILT = pathlib.Path(__file__).resolve().parents[2] / "build/bench"
TARGET_PORT = 7000


class Reflector(Server):
    name = "reflector"

    def configure(self):
        return [BUILT / "tests/bench/holdfast_reflector", self.port, self.place.workers]


class Holdfast(Server):
    name = "holdfast"
    checks = True

    @property
    def control_port(self):
        return self.port + 1000

    def configure(self):
        listen = ", ".join(f'"127.0.0.{i}:{self.port}"' for i in range(1, self.place.listeners + 1))
        lines = ["[server]", f"listen = [{listen}]", f"threads = {self.place.workers}",
                 "[control]", f'listen = "127.0.0.1:{self.control_port}"']
        if self.workload.pools:
            place = self.place
            lines += ["[monitor.up]", 'type = "tcp"', f"port = {TARGET_PORT}", f'interval = "{place.check_interval}s"',
                      'timeout = "500ms"', f"fall = {place.checks_to_change}", f"rise = {place.checks_to_change}"]
            for label, first, second in self.workload.pools:
                lines += [f"[pool.{label}]", 'monitor = "up"',
                          f'members = [{{ address = "{first}" }}, {{ address = "{second}" }}]']
        for apex in self.workload.apexes:
            lines += ["[[zone]]", f'name = "{apex}"', f'file = "{self.workload.zone_file(apex)}"']
            lines += [f'[[zone.live]]\nname = "{label}"\npool = "{label}"' for label, _, _ in self.workload.pools]
        (self.place.directory / "holdfast.toml").write_text("\n".join(lines) + "\n")
        return [BUILT / "holdfast", "serve", "--config", self.place.directory / "holdfast.toml"]


class Gdnsd(Server):
    name = package = "gdnsd"
    checks = True

    def configure(self):
        home = self.place.directory
        config = f"""options => {{ listen => 127.0.0.1:{self.port}, udp_threads => {self.place.workers},
            tcp_threads => {self.place.workers}, run_dir => {home}/run, state_dir => {home}/state }}\n"""
        zones = home / "zones"
        if zones.is_symlink():
            zones.unlink()
        if self.workload.pools:
            config += self._pools(zones)
        else:
            zones.symlink_to(self.workload.zones)
        (home / "config").write_text(config)
        return ["/usr/sbin/gdnsd", "-c", home, "start"]

    def _pools(self, zones):
        apex, place = self.workload.apexes[0], self.place
        labels = {label for label, _, _ in self.workload.pools}
        zones.mkdir(exist_ok=True)
        plain = self.workload.zone_file(apex).read_text().splitlines()
        (zones / apex).write_text("\n".join(
            [line for line in plain if line.split()[0] not in labels]
            + [f"{label} 30 DYNA multifo!{label}" for label in sorted(labels)]) + "\n")
        resources = "\n".join(f"{label} => {{ a => {first}, b => {second} }}" for label, first, second in self.workload.pools)
        return f"""service_types => {{ reachable => {{ plugin => tcp_connect, port => {TARGET_PORT}, interval => {place.check_interval},
            timeout => {max(1, place.check_interval // 2)}, up_thresh => {place.checks_to_change},
            ok_thresh => {place.checks_to_change}, down_thresh => {place.checks_to_change} }} }}
            plugins => {{ multifo => {{ service_types => reachable\n{resources} }} }}\n"""

    def reload(self, apex):
        subprocess.Popen(["/usr/bin/gdnsdctl", "-c", self.place.directory, "-t", "300", "reload-zones"],
                         stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Nsd(Server):
    name, package = "NSD", "nsd"

    def configure(self):
        home = self.place.directory
        zones = "".join(f'zone:\n  name: "{apex}"\n  zonefile: "{apex}"\n' for apex in self.workload.apexes)
        (home / "nsd.conf").write_text(f"""server:
  ip-address: 127.0.0.1@{self.port}
  server-count: {self.place.workers}
  reuseport: {"yes" if self.place.workers > 1 else "no"}
  username: ""
  zonesdir: "{self.workload.zones}"
  database: ""
  pidfile: "{home}/nsd.pid"
  xfrdfile: ""
  zonelistfile: "{home}/nsd.list"
  xfrdir: "{home}"
  minimal-responses: yes
  rrl-ratelimit: 0
  tcp-count: 1000
remote-control:
  control-enable: no
{zones}""")
        return ["/usr/sbin/nsd", "-d", "-c", home / "nsd.conf"]


class Knot(Server):
    name, package = "Knot", "knot"

    def configure(self):
        home = self.place.directory
        zones = "".join(f'  - domain: "{apex}."\n    file: "{apex}"\n' for apex in self.workload.apexes)
        (home / "knot.conf").write_text(f"""server:
  rundir: "{home}"
  listen: 127.0.0.1@{self.port}
  udp-workers: {self.place.workers}
  tcp-workers: {self.place.workers}
  tcp-max-clients: 1000
database:
  storage: "{home}"
control:
  listen: "{home}/knot.sock"
template:
  - id: default
    storage: "{self.workload.zones}"
    zonefile-sync: -1
    journal-content: none
zone:
{zones}""")
        return ["/usr/sbin/knotd", "-c", home / "knot.conf"]

    def reload(self, apex):
        subprocess.run(["/usr/sbin/knotc", "-s", self.place.directory / "knot.sock", "zone-reload", apex],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Bind(Server):
    name, package = "BIND", "bind9"

    def configure(self):
        home = self.place.directory
        zones = "".join(f'zone "{apex}" {{ type master; file "{self.workload.zone_file(apex)}"; }};\n'
                        for apex in self.workload.apexes)
        (home / "named.conf").write_text(f"""options {{
  directory "{home}"; pid-file "{home}/named.pid"; session-keyfile none; managed-keys-directory "{home}"; lock-file none;
  listen-on port {self.port} {{ 127.0.0.1; }}; listen-on-v6 {{ none; }}; recursion no; notify no; minimal-responses yes;
  tcp-clients 1000; empty-zones-enable no;
}};
controls {{ }};
{zones}""")
        return ["/usr/sbin/named", "-f", "-n", self.place.workers, "-c", home / "named.conf"]


class PowerDns(Server):
    name, package = "PowerDNS", "pdns-server"
    alone = True  # its SO_TIMESTAMP costs every packet of the machine 44 ns

    def configure(self):
        home = self.place.directory
        (home / "named.conf").write_text("".join(f'zone "{apex}" {{ type master; file "{self.workload.zone_file(apex)}"; }};\n'
                                                 for apex in self.workload.apexes))
        settings = {"launch": "bind", "bind-config": home / "named.conf", "local-address": "127.0.0.1", "local-port": self.port,
                    "receiver-threads": self.place.workers, "distributor-threads": 1, "socket-dir": home, "daemon": "no",
                    "guardian": "no", "setuid": "", "setgid": "", "max-tcp-connections": 1000, "security-poll-suffix": "",
                    "reuseport": "yes" if self.place.workers > 1 else "no", "loglevel": 3}
        return ["/usr/sbin/pdns_server", f"--config-dir={home}", *(f"--{key}={value}" for key, value in settings.items())]

    def reload(self, apex):
        subprocess.run(["/usr/bin/pdns_control", f"--socket-dir={self.place.directory}", "bind-reload-now", apex],
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


PEERS = {peer.name.lower(): peer for peer in (Reflector, Holdfast, Gdnsd, Nsd, Knot, Bind, PowerDns)}
