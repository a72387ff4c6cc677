#include <fmt/format.h>

#include "config/config.h"
#include "config/options.h"

namespace holdfast::config {
namespace {

std::string code(std::string_view text) { return fmt::format("`{}`", text); }

std::string rows(const std::vector<OptionText>& options) {
  std::string page = "| key | value | default | |\n|---|---|---|---|\n";
  for (const OptionText& option : options) {
    const std::string initial = option.is_required       ? "required"
                                : option.initial.empty() ? "none"
                                                         : code(option.initial);
    const std::string only =
        option.only.empty() ? "" : fmt::format(" Only for {}.", choice_range(option.only));
    page += fmt::format("| `{}` | {} | {} | {}{} |\n", option.name, option.range, initial, option.help, only);
  }
  return page;
}

// What is no option of ours, and what to choose where the defaults do not fit.
constexpr std::string_view kOutcomes = R"(
## Outcomes

How a probe ended, in the log, the API and the metrics. All but `passed` are failures. A probe that could not be run at
all, for a reason of ours, has none and counts for nothing.

| outcome | types | what was seen |
|---|---|---|
| `passed` | all | what the monitor wants |
| `connect_timeout` | all but ping, exec | no connection in time, or a TLS handshake that did not end; for dns when it goes on over TCP |
| `refused` | all but ping, exec | nobody listens there |
| `reset` | all but ping, exec | the target broke or closed the connection |
| `unreachable` | all but exec | no way there: the system or a router said so |
| `tls_handshake` | https, tls, smtp | expired, or too soon (`certificate_days`); name mismatch; unknown issuer; no TLS; no STARTTLS; no HTTP/2 |
| `header_timeout` | http, https, tcp, smtp, dns | connected, but no answer in time |
| `bad_status` | http, https | another status, or a redirect and where to; or no HTTP |
| `body_timeout` | http, https, tcp, smtp, dns | an answer began, but did not end in time; for dns when it goes on over TCP |
| `expect_missing` | http, https, tcp, dns | an answer without what `expect` says, or with what `reject` says |
| `bad_banner` | smtp | a code other than 220 to begin with, or 250 after EHLO; or no SMTP |
| `ping_timeout` | ping | no echo reply in time |
| `dns_error` | dns | another response code, or no reply to the question over TCP |
| `exec_failed` | exec | another exit code than 0, a signal, more than 64 KiB written, or no end in time |

A combination ends as its parts do: with what the first of those that failed found, in the order of `of`, and the detail
names every part. Parts that could not be run count neither way; where that leaves it undecided, it was not run either.
)";

constexpr std::string_view kLog = R"(
## The log

With a `state` directory, probes and events go into the SQLite database `log.db` there. Events (transitions, reloads,
decisions, agents) are all kept, and so is every probe that failed, and the first that passed after it. Of further passes
of a target one a minute is kept; less often where there are so many targets that their passes would fill more than half
of `size` within `keep`. A probe takes about 80 octets: with 7 days and 256 MiB, passes are kept every minute for up to
160 targets, every 6 minutes for 1,000 and every hour for 10,000. When `size` does not suffice, the oldest probes go
first, then the oldest events.

Nothing waits for the disk. While it is full or broken, up to 20,000 entries wait in memory, it is tried again every 5 s,
and `holdfast_log_failing` is 1; what finds no room there is counted by `holdfast_log_dropped_total`, probes before
events. A damaged file is moved aside to `log.db.damaged-TIME`, and a new one is begun; the last two of these are kept.

`holdfast log` and `GET /api/v1/log` take the same filters; the latter as parameters:

| parameter | wanted are only entries |
|---|---|
| `monitor`, `address` | of this monitor; of this member |
| `pool` | of the members of this pool, but not of pools in it, or of this live name |
| `agent` | of what this agent saw |
| `outcome` | with this outcome; `failed`: any but `passed` |
| `kind` | of this kind: `probe`, `transition`, `override`, `configuration`, `agent`, `store`; may be repeated |
| `since`, `until` | from then on, until then: `2026-03-01T12:00:00Z`, or how long ago, `1h30m` |
| `limit` | so many, 1 to 1000; 100 |
| `after` | behind this cursor, the oldest first; without it the newest are told |

An answer has `entries`, the oldest first, `more` when there are more, and `last`: the cursor to go on `after`. What takes
longer than 2 s to find is refused with 503; ask more closely.

From the log `holdfast explain NAME --at TIME` tells how a name answered, and `holdfast explain NAME --replay --fall 2 --rise 5
--since 1d` what other thresholds would have changed: the probes go through the same `fall`, `rise` and flap brake as in
service, once with the thresholds of today and once with the others, and the name is answered with what comes of both and
with the overrides of then. Failures are all logged, so when a member would have gone down is exact; passes that were left
out are put back where the schedule has them, so when it would have come up again is known to an interval. A silence that is
shorter than the time from one logged pass to the next, a minute or more, is not seen: passes are put back there too. TTLs
are told without the doubts that made them shorter then. Not replayed are what other agents saw, the brake of a server that
is alone, and that a failure is followed by probes at `retry` until the verdict is settled. What takes longer than 10 s is
refused with 503; say a later `--since`. `GET /api/v1/explain` and `GET /api/v1/replay` take the same as parameters.
)";

constexpr std::string_view kNotifications = R"(
## Notifications

- **What is told.** A target that went down or came back; agents and the store; overrides; a reload that was refused. Not
  told: a target that is up when it is probed for the first time, a reload of which nothing was refused.
- **To whom.** The `contacts` of the pools and live names that use the target, for what has none those of `[notify]`.
- **When.** The first event opens a window of `group`; all that happens in it is one notification. Quiet hours and `hourly`
  put its end off, so nothing is lost and everything held comes as one. Reminders (`repeat`) wait for the end of quiet
  hours too, and end when the target is up or not watched any more.
- **Delivery.** At least once: what was not answered may be sent again, with the same id (`Idempotency-Key`,
  `X-Holdfast-Event`, Message-ID). Of HTTP every 2xx is success; 408, 429, 5xx, a timeout or no connection is tried again,
  `Retry-After` is obeyed up to 15 min; any other status is given up at once. Of SMTP 4yz is tried again, 5yz given up. A
  contact has one notification on its way; what happens meanwhile, at most 1000 events, is told in the next, and of more
  the oldest are only counted.
- **A notification's id** is that of its first event. `GET /api/v1/notifications` has the last 100, with the ids of all
  their events, and what became of them; `/metrics` has `holdfast_notifications_total` by contact and result.
- **The document** that a webhook without `body` is sent has `id`, `kind` (`news`, `reminder` or `test`), `contact`,
  `server`, `time`, `subject`, `text`, `left_out`, and `events`, each with `id`, `time`, `kind`, `text`, `is_bad`, `monitor`,
  `address`, `used_by`, `before`, `after`, `outcome`, `detail`, `command`, `answers`, `agent` and `location`.
- **Several servers** that share a store and check the same: the first of them, by the name in `[self]`, tells of targets,
  agents and overrides, and each of its own reloads and store. So give all of them the same `[notify]` and `[contact.NAME]`.
  What is left to another one is told nevertheless when that one is gone within 20 s, perhaps a second time.
- **The end.** On SIGTERM the windows close, and what is pending has 5 s. What is held for quiet hours is dropped then, and
  the log says how much.
)";

constexpr std::string_view kAgents = R"(
## Agents

One location that sees a failure may be the only one to have it. With a `[store]`, agents in others look too (`holdfast
agent --config F`), and all servers come to the same verdict.

- **A server's file** has `[self]`, `[store]`, the `[location.NAME]` there are, and an `[agent.NAME]` for each process whose
  verdicts count: usually the server itself is one of them. Servers of one cluster have the same of these. **An agent's
  file** has `[self]`, `[store]`, and `[probes]`, `[control]`, `[log]` and `state` of `[server]` if it is to have them; what
  it probes is told by the servers.
- **Who probes** a target is said by `agents` of its monitor; without that, all do. Where those are all in one location, one
  of another joins them.
- **A verdict.** The agents of one location have one vote together, the majority of them. A target is down when its `quorum`
  of the locations that say something, and at least two, say so, and else up. Where only one of several locations says
  anything, the verdict is held for 5 min, and then that one is believed; where none does, it is held.
- **No store**, or one that does not answer, changes no verdict for 5 min. Then a server that is one of the agents believes
  its own location; one that is none holds its verdicts.
- **Trust.** Whoever can write below `prefix` decides what is alive, what every agent probes, and with which arguments
  the programs of an agent's `exec_directory` run; whoever can read it sees the `headers` of monitors. So take `https`, and
  give each process a user of etcd whose role may do just this (here with the default `prefix`; NAME is that of `[self]`):
  - all: read what begins with `/holdfast/` (`etcdctl role grant-permission ROLE read /holdfast/ --prefix`);
  - an agent: write the key `/holdfast/agent/NAME` (`etcdctl role grant-permission ROLE write /holdfast/agent/NAME`);
  - a server: write that key, the key `/holdfast/server/NAME`, and what begins with `/holdfast/override/`.

  Who takes another's name is then refused by etcd (`permission denied`) and counts nowhere; where an agent is, is said by
  the servers' files alone. Tokens, simple ones and JWT, are renewed when they end. With `--client-cert-auth`, etcd (its
  JSON gateway) never takes a certificate's common name for the user, and answers 400 to a `certificate` that has one: leave
  it out. Its own certificate must then be good for clients too, or it answers `connection closed`.
- **Programs and files** that a monitor names must be on the agent's machine too, at the same path; where they are not, the
  agent leaves the target to others.
- **How it stands** is said by `holdfast agents`, `holdfast store` and `GET /api/v1/agents`. An agent is `counted`, `absent`
  (nothing new for 15 s, or gone), `blind` (none of its `references` answers) or `suspect` (it says down of four targets or
  more that most other locations see up, and of half of all that both look at: left out until that ends). The store is
  `connecting`, `following` or `refused` (another cluster, an older revision, nothing below `prefix` any more: until `holdfast
  store accept`). `GET /api/v1/targets` has the `votes` on each target, and the `basis` of its verdict: `quorum`, `single` (one
  location, which is believed), `alone` (one of several), `nobody`, or `kept` (as before a restart); the last three are
  `held`. What is `flapping` is seen up, and held down. `/metrics` has all that as `holdfast_agent_...`, `holdfast_store_...`,
  `holdfast_target_vote` and `holdfast_targets_held`, which is the one to be woken for.
- **An agent's file** is read when it starts; a change needs a restart.
- **Upgrades.** Agents first: a list in which an agent does not know something is not taken at all.
- **Limits.** 256 agents, 256 locations; what one server wants checked has at most 4 MiB as text (100,000 targets), 1,000
  patterns that are not plain text, and 256 MiB in memory. etcd itself takes 1.5 MiB at once (`--max-request-bytes`): some
  30,000 targets of a few monitors, or 8,000 with a monitor each.
)";

constexpr std::string_view kOverrides = R"(
## Overrides

What an operator decided about members goes before what probes see: `drain` (not answered with, also when nobody else is
up), `force_up`, `force_down` (as if probes had seen that). `holdfast drain`, `force up|down` and `release`, or the API:
`POST /api/v1/override` with the parameters `decision`, `subject`, `author`, `reason` and perhaps `for` and `force`,
`POST /api/v1/release` with `subject` (or the id) and `author`; `GET /api/v1/overrides` has what is in force. Every decision
and every end is an event of the kind `override`, with its author and reason, and with what is answered now.

| subject | who |
|---|---|
| `shop/192.0.2.10` | this member of this pool; in place of a pool the live name whose own records are watched |
| `shop/www.example.net`, `shop/eu` | this name, with its addresses, or this pool, as a member of this pool; in events and the API with `member:` in front |
| `192.0.2.10` | this member of whatever pool |
| `shop`, `pool:shop` | every member of the pool |
| `location:eu-cork` | every member there, and in locations that are in it |

- **Which one decides.** Where several are about a member, the first of this table; of locations the innermost. A subject has
  one override: a new one takes the place of the one before.
- **What is refused.** A drain that leaves a name nobody, always (409). What leaves a name only members that are down, or no
  address of one family, unless `force` is said. Answers say what would be left.
- **When nobody is left all the same**, since a reload took away the others: all members of the name are answered with, with
  a TTL of 10 s at most; `holdfast status` says `all drained`. Where one family is drained and the other is not, the drained one
  has no addresses (NODATA).
- **The end.** After `for` (1 s to 366 d), or by `release`. The time is measured by a clock that nobody sets; after a restart
  what is left of it counts by the wall clock.
- **Limits.** 1000 overrides; a reason of 500 octets, an author of 64, as UTF-8 without control characters. Who the author is,
  is not checked: the control listener asks nobody who they are.
- **With a `[store]`** a decision holds on all servers that share it, and so does its end: any of them may release it. While
  the store is not followed it holds here alone, and is told as soon as it is. That the store was emptied ends none. That one
  ended stands there for 7 days, of 1000 at most: a server with a `state` directory that was away for longer brings back what
  was released meanwhile, so delete its `state.db` before it starts.
- **A restart** ends none where there is a `state` directory, or a store that has it; all of them otherwise.
)";

constexpr std::string_view kTuning = R"(
## Tuning

The defaults are those that were measured; `./dev bench` measures again, on the machine at hand.

- **Threads.** One worker per core (`threads = 0`). A worker has a thread for each address over UDP and one for TCP. On
  a machine that does other work as well, give fewer; more than there are cores only adds changes of context.
- **Addresses.** Name addresses in `listen` rather than `0.0.0.0` or `[::]`: for those the kernel must tell with each
  query which address was asked. Each further address costs a thread and two sockets a worker.
- **Steering.** The kernel spreads queries over the workers by a hash of addresses and ports (`SO_REUSEPORT`). With a
  network card of several queues, as many queues as workers, each queue's interrupt on its own core.
- **Socket buffers.** holdfast asks for 4 MiB to receive into; the kernel grants `net.core.rmem_max`. Raise that where
  bursts are lost (`nstat -az UdpRcvbufErrors` counts them): `sysctl net.core.rmem_max=4194304`.
- **Huge pages.** Zones above 1 MiB ask for them. `/sys/kernel/mm/transparent_hugepage/enabled` must say `madvise` (the
  default of Debian) or `always`; a name looked up at random then costs fewer misses of the TLB.
- **Connection tracking.** A firewall that tracks connections does so for every query. Exempt port 53 (`notrack`).
- **Many zones.** A reload looks at the times of all zone files, with the lowest priority (nice 19): where other work
  fills the machine it takes long. `holdfast reload ZONE` looks only at one. `zone_series` bounds what a scrape of
  `/metrics` costs.
)";

}  // namespace

std::string reference() {
  std::string page =
      "# Configuration\n\n"
      "A configuration file is TOML. `holdfast check FILE` tells every problem of one with its place,\n"
      "`holdfast config --sample` prints a file to start from, and `holdfast config --reference` this "
      "page.\n\n"
      "Durations are text with the units `d`, `h`, `m`, `s` and `ms`, such as `\"10s\"`, `\"500ms\"` or "
      "`\"1h30m\"`.\n"
      "Sizes have one of the units `KiB`, `MiB` and `GiB`: `\"256MiB\"`.\n"
      "Paths are relative to the file's directory. Names of monitors, pools, peers, keys, contacts, "
      "locations\n"
      "and agents are 1 to 63 letters, digits, `-`, `_` or `.`.\n";
  for (const SectionText& section : sections()) {
    page += fmt::format("\n## {}\n\n{}\n\n{}", code(section.header), section.help, rows(section.options));
    for (const OptionText& option : section.options) {
      if (option.columns.empty()) continue;
      page +=
          fmt::format("\n### {} of {}\n\n{}", code(option.name), code(section.header), rows(option.columns));
    }
  }
  for (const std::string_view part : {kOutcomes, kLog, kNotifications, kAgents, kOverrides, kTuning})
    page += part;
  return page;
}

}  // namespace holdfast::config
