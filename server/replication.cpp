#include "server/replication.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <charconv>

#include "server/transfer/keys.h"
#include "server/versions/kill_point.h"

namespace holdfast::server {
namespace {

/// Of the zones that others take part in: all, or those that are others than before.
std::vector<Versions::Wanted> wanted(const zones::Snapshot& snapshot, const zones::Snapshot* before,
                                     const Peers& peers) {
  std::vector<Versions::Wanted> all;
  const auto want = [&](const zones::ServedZone& served) {
    const Peers::OfZone* const others = served.is_versioned ? peers.of(served.zone->apex()) : nullptr;
    if (others == nullptr) return;
    const bool is_made = served.is_private && others->primaries.empty();
    all.push_back(
        {.zone = served.zone, .number = served.number, .policy = others->serial, .has_serial = !is_made});
  };
  if (before == nullptr) {
    for (const zones::ServedZone& served : snapshot.zones()) want(served);
  } else {
    snapshot.zones().each_unshared(before->zones(), [&](std::size_t place) {
      if (before->zones()[place].zone != snapshot.zones()[place].zone) want(snapshot.zones()[place]);
    });
  }
  return all;
}

std::optional<Journal> open(const std::filesystem::path& state) {
  if (state.empty()) return std::nullopt;
  return std::optional<Journal>(std::in_place, state);
}

constexpr std::size_t kMostNamed = 10;             // zones that one line in the log names
constexpr std::chrono::seconds kKeepExpiries{60};  // an older expiry is as safe

// Until when a zone is good, in seconds since 1970, is a note in the kept state with this before the name of the zone.
constexpr std::string_view kExpiry = "zone expires: ";

std::map<std::string, std::chrono::sys_seconds> read_expiries(const std::vector<health::KeptNote>& notes) {
  std::map<std::string, std::chrono::sys_seconds> expiries;
  for (const health::KeptNote& note : notes) {
    if (!note.subject.starts_with(kExpiry)) continue;
    std::int64_t seconds = 0;
    const char* const end = note.text.data() + note.text.size();
    if (std::from_chars(note.text.data(), end, seconds).ptr != end) continue;
    expiries.emplace(note.subject.substr(kExpiry.size()), std::chrono::seconds(seconds));
  }
  return expiries;
}

// Which catalog has a zone that several list is one, too.
constexpr std::string_view kOwner = "zone is of the catalog: ";

std::map<zones::Name, std::string> read_owners(const std::vector<health::KeptNote>& notes) {
  std::map<zones::Name, std::string> owners;
  for (const health::KeptNote& note : notes) {
    if (!note.subject.starts_with(kOwner)) continue;
    if (const auto zone = zones::Name::parse(note.subject.substr(kOwner.size())))
      owners.emplace(*zone, note.text);
  }
  return owners;
}

}  // namespace

Replication::Replication(Source& source, LiveNames& live, std::filesystem::path state,
                         health::KeptState* kept)
    : source_(source),
      live_(live),
      kept_zones_(state),
      kept_(kept),
      journal_(open(state)),
      versions_(
          source.serials, journal_ ? &*journal_ : nullptr,
          {.flat = [&live](zones::NameView zone) { return live.flat(zone); },
           .made =
               [this](std::shared_ptr<const Versions::Line> line) { announcer_.announce(std::move(line)); }}),
      updates_(journal_ ? &*journal_ : nullptr,
               [this](const zones::Zone& zone) {
                 const auto line = versions_.of(zone.apex());
                 return line != nullptr ? line->now.serial() : zones::Serial(zone.serial());
               }),
      door_(
          versions_,
          [this](const zones::Name& zone, const Peer&, std::optional<zones::Serial> serial) {
            const std::lock_guard lock(following_);
            if (secondaries_ != nullptr) secondaries_->notified(zone, serial);
          },
          &updates_,
          [this](const zones::Name& zone) -> std::optional<std::chrono::seconds> {
            const std::lock_guard lock(following_);
            const auto until = secondaries_ != nullptr ? secondaries_->expires(zone) : std::nullopt;
            if (!until) return std::nullopt;
            return std::chrono::floor<std::chrono::seconds>(*until - std::chrono::system_clock::now());
          }),
      transfers_(source, door_, {},
                 [this](const TransferServer::Sent& sent) { announcer_.sent(sent.zone, sent.peer); }) {
  if (kept_ != nullptr) {
    expiries_ = read_expiries(kept_->at_start().notes);
    owners_ = read_owners(kept_->at_start().notes);
  }
  live_.tell([this](const std::set<zones::Name>& zones) { versions_.touch(zones); });
  source_.privileged = &transfers_;
}

Replication::~Replication() {
  stop();
  source_.privileged = nullptr;
  live_.tell({});
}

Keys Replication::read_keys(std::vector<std::string>& problems) {
  const auto now = std::chrono::system_clock::now();
  std::map<std::string, zones::FileStamp> stamps;
  for (const zones::KeySettings& one : keys_) stamps.emplace(one.name, zones::stamp_of(one.file, now));
  const LoadedKeys loaded = load_keys(keys_);
  for (const zones::Problem& problem : loaded.problems) problems.push_back(problem.text());
  const std::shared_ptr<const Peers> before = door_.peers();
  std::map<std::string, SharedKey, std::less<>> keys;
  for (const zones::KeySettings& one : keys_) {
    const SharedKey known = before->keys().find(one.name);
    const zones::FileStamp stamp = stamps.at(one.name);
    const auto stamped = key_stamps_.find(one.name);
    const bool is_same = known != nullptr && stamped != key_stamps_.end() && stamp != zones::kNoStamp &&
                         stamped->second == stamp;
    SharedKey key = is_same ? known : loaded.keys.find(one.name);  // who uses it need not begin anew
    // One that cannot be read any more is what it was: a half-written file cuts nobody off.
    if (key == nullptr) key = known;
    if (key != nullptr) keys.emplace(one.name, std::move(key));
  }
  key_stamps_ = std::move(stamps);
  return Keys(std::move(keys));
}

void Replication::use(std::shared_ptr<const Peers> peers, std::vector<std::string>& problems) {
  for (std::string& problem : peers->problems()) problems.push_back(std::move(problem));
  door_.configure(peers);
  announcer_.configure(std::move(peers));
}

std::vector<std::string> Replication::configure(const config::Config& config) {
  const std::lock_guard lock(configuring_);
  keys_ = config.keys;
  peers_ = config.peers;
  std::vector<std::string> problems;
  use(std::make_shared<const Peers>(peers_, config.zones, read_keys(problems), door_.peers().get()),
      problems);
  return problems;
}

void Replication::configure(std::span<const zones::ZoneSettings> zones) {
  const std::lock_guard lock(configuring_);
  std::vector<std::string> known;  // of the configuration that is in service
  const std::shared_ptr<const Peers> before = door_.peers();
  use(std::make_shared<const Peers>(peers_, zones, before->keys(), before.get()), known);
}

void Replication::end(std::span<const zones::Name> zones) {
  std::string names;
  for (std::size_t i = 0; i < std::min(zones.size(), kMostNamed); ++i)
    names += (i == 0 ? "" : ", ") + zones[i].text();
  spdlog::info("zones that a catalog lists no more, or under another label: {} ({}{})", zones.size(), names,
               zones.size() > kMostNamed ? ", ..." : "");
  try {
    versions_.forget(zones);
    kept_zones_.remove(zones);
  } catch (const std::exception&
               error) {  // the disk; what is left there of a zone that is served no more harms nobody
    spdlog::error("what is kept of zones that are served no more cannot be removed: {}", error.what());
  }
  announcer_.forget({zones.begin(), zones.end()});
  const std::lock_guard lock(following_);
  for (const zones::Name& zone : zones) expired_.erase(zone);
  if (secondaries_ != nullptr) secondaries_->forget({zones.begin(), zones.end()});
}

std::vector<std::string> Replication::reload_keys() {
  const std::lock_guard lock(configuring_);
  std::vector<std::string> problems;
  if (!keys_.empty() || door_.peers()->ask_for_certificates())
    use(std::make_shared<const Peers>(*door_.peers(), read_keys(problems)), problems);
  return problems;
}

TransferReport Replication::report() const {
  const TransferCounters& sent = transfers_.counters();
  const PeerCounters& asked = door_.counters();
  const UpdateCounters& updated = updates_.counters();
  const std::shared_ptr<const Peers> peers = door_.peers();
  const std::lock_guard lock(following_);
  auto zones_in = secondaries_ != nullptr ? secondaries_->status() : std::vector<SecondaryZone>();
  for (SecondaryZone& zone : zones_in) {
    if (const Peers::OfZone* const others = peers->of(zone.zone)) zone.catalog = others->catalog;
  }
  return {.secondaries = announcer_.status(),
          .zones_in = std::move(zones_in),
          .problem = versions_.problem(),
          .whole = sent.whole,
          .changes = sent.changes,
          .failed = sent.failed,
          .octets = sent.octets,
          .running = sent.running,
          .waiting = sent.waiting,
          .closed_connections = sent.closed_connections,
          .refused = asked.refused_transfers,
          .notifies = asked.notifies,
          .refused_notifies = asked.refused_notifies,
          .bad_signatures = asked.bad_signatures,
          .updates = {.changed = updated.changed,
                      .unchanged = updated.unchanged,
                      .unmet = updated.unmet,
                      .refused = updated.refused + asked.refused_updates,
                      .failed = updated.failed,
                      .full = updated.full + sent.full_updates,
                      .records = updates_.records()}};
}

void Replication::publish(const zones::Snapshot& snapshot, Deployment::Occasion occasion) {
  if (occasion != Deployment::Occasion::all) {
    const auto before = source_.zones.get();
    std::vector<Versions::Wanted> changed = wanted(snapshot, before.get(), *door_.peers());
    for (Versions::Wanted& one : changed) one.may_wait = occasion == Deployment::Occasion::update;
    return versions_.replace(std::move(changed));
  }
  versions_.deploy(wanted(snapshot, nullptr, *door_.peers()));
  for (auto& line : versions_.all()) announcer_.announce(std::move(line));
}

zones::LoadedZone Replication::kept(zones::NameView zone, Deployment::LiveNamesOfZone live) {
  {
    const std::lock_guard lock(following_);
    if (expired_.contains(zones::Name(zone))) return {};
  }
  return kept_zones_.read(zone, live);
}

std::string Replication::owner(zones::NameView zone) const {
  const std::lock_guard lock(following_);
  const auto found = owners_.find(zones::Name(zone));
  return found == owners_.end() ? std::string() : found->second;
}

void Replication::contest(const std::map<zones::Name, std::string>& owners) {
  const std::lock_guard lock(following_);
  if (kept_ != nullptr) {
    for (const auto& [zone, catalog] : owners_) {
      if (!owners.contains(zone)) kept_->forget_note(std::string(kOwner) + zone.text());
    }
    for (const auto& [zone, catalog] : owners) {
      const auto before = owners_.find(zone);
      if (before == owners_.end() || before->second != catalog)
        kept_->save(health::KeptNote{std::string(kOwner) + zone.text(), catalog});
    }
  }
  owners_ = owners;
}

void Replication::follow(Deployment& deployment) {
  updates_.begin([&deployment](const zones::Name& zone, const Deployment::Receive& receive) {
    return deployment.update(zone, receive).configuration_accepted;
  });
  const std::lock_guard lock(following_);  // first: of two that come here the later one has the later zones
  const std::shared_ptr<const Peers> peers = door_.peers();
  const auto snapshot = source_.zones.get();
  std::vector<Secondaries::Followed> zones;
  followed_.clear();
  for (const zones::ServedZone& served : snapshot->zones()) {
    const Peers::OfZone* const others = served.is_versioned ? peers->of(served.zone->apex()) : nullptr;
    if (others == nullptr || others->primaries.empty()) continue;
    Secondaries::Followed& zone = zones.emplace_back();
    zone.zone = zones::Name(served.zone->apex());
    followed_.insert(zone.zone.text());
    zone.primaries = others->primaries;
    const auto expiry = expiries_.find(zone.zone.text());
    if (expiry != expiries_.end()) zone.expires = expiry->second;
  }
  if (is_stopped_ || (zones.empty() && secondaries_ == nullptr)) return;
  if (secondaries_ == nullptr) {
    secondaries_ = std::make_unique<Secondaries>(Secondaries::Host{
        .current = [this](const zones::Name& zone) -> std::shared_ptr<const zones::Zone> {
          const auto now = source_.zones.get();
          const zones::ServedZone* const served = now->find(zones::HashedName(zone));
          return served != nullptr && served->zone->apex() == zone.view() ? served->zone : nullptr;
        },
        .deliver = [this, &deployment](
                       const zones::Name& zone,
                       zones::Received received) { return deliver(deployment, zone, std::move(received)); },
        .expired = [this, &deployment](const zones::Name& zone, bool is) { expired(deployment, zone, is); }});
  }
  secondaries_->follow(std::move(zones));
}

std::string Replication::deliver(Deployment& deployment, const zones::Name& zone, zones::Received received) {
  std::string problem = "its zone is served no more";
  const ReloadReport report =
      deployment.receive(zone, [&](const zones::Zone& before, Deployment::LiveNamesOfZone live) {
        {
          const std::lock_guard lock(following_);
          if (secondaries_ == nullptr || secondaries_->is_forgetting(zone)) return zones::LoadedZone();
        }
        // Of a catalog members count, not names.
        const bool is_catalog = deployment.is_catalog(zone);
        const auto judge = [&](const zones::Zone& next) {
          if (!is_catalog) return KeptZones::Judgement();
          Deployment::Consequences follows = deployment.consequences(zone, next);
          return KeptZones::Judgement{std::move(follows.problem), std::move(follows.ended)};
        };
        zones::Accepted accepted;
        zones::LoadedZone loaded;
        try {  // first to the disk: what others were shown is there after a restart
          accepted = kept_zones_.accept(
              std::move(received), {.apex = zone, .before = &before, .live = live, .may_shrink = is_catalog},
              judge);
        } catch (const std::runtime_error& error) {
          problem = std::string("it cannot be kept: ") + error.what();
          return loaded;
        }
        problem = std::move(accepted.problem);
        if (!problem.empty()) return loaded;
        kill_point("transfer-in.kept");
        loaded.zone = std::move(accepted.zone);
        for (std::string& warning : accepted.warnings)
          loaded.problems.push_back(
              {"zone " + zone.text(), 0, zones::Problem::Severity::warning, std::move(warning)});
        return loaded;
      });
  kill_point("transfer-in.served");
  for (const std::string& clash : report.catalog_problems) spdlog::warn("{}", clash);
  if (problem.empty() && !report.configuration_accepted) problem = "it cannot be put into service now";
  return problem;
}

void Replication::expired(Deployment& deployment, const zones::Name& zone, bool is_expired) {
  {
    const std::lock_guard lock(following_);
    if (is_expired) {
      expired_.insert(zone);
    } else {
      expired_.erase(zone);
    }
  }
  deployment.receive(zone, [&](const zones::Zone& before, Deployment::LiveNamesOfZone live) {
    if (!is_expired) return before.is_available() ? zones::LoadedZone() : kept(zone, live);
    zones::LoadedZone none;
    none.zone = std::const_pointer_cast<zones::Zone>(zones::Zone::unavailable(zone));
    none.problems.push_back(
        {"zone " + zone.text(), 0, zones::Problem::Severity::warning,
         "it expired, since no primary was heard of for as long as its SOA says: SERVFAIL until one is"});
    return none;
  });
}

void Replication::stop() {
  updates_.stop();
  keep_expiries();
  std::unique_ptr<Secondaries> ended;
  const std::lock_guard lock(following_);
  is_stopped_ = true;
  ended.swap(secondaries_);
}

void Replication::retry(zones::NameView zone) {
  const std::lock_guard lock(following_);
  if (secondaries_ != nullptr) secondaries_->retry(zones::Name(zone));
}

void Replication::tick(std::chrono::steady_clock::time_point now) {
  {
    const std::lock_guard lock(following_);
    if (now < kept_at_ + kKeepExpiries) return;
    kept_at_ = now;
  }
  keep_expiries();
}

void Replication::keep_expiries() {
  const std::lock_guard lock(following_);
  if (secondaries_ == nullptr || kept_ == nullptr) return;
  std::map<std::string, std::chrono::sys_seconds> now;
  for (const SecondaryZone& zone : secondaries_->status()) {
    if (zone.expires) now.emplace(zone.zone.text(), std::chrono::floor<std::chrono::seconds>(*zone.expires));
  }
  for (const auto& [zone, expiry] : now) {
    const auto before = expiries_.find(zone);
    if (before != expiries_.end() && before->second == expiry) continue;
    kept_->save(
        health::KeptNote{std::string(kExpiry) + zone, std::to_string(expiry.time_since_epoch().count())});
  }
  for (const auto& [zone, expiry] : expiries_) {
    if (followed_.contains(zone)) {
      now.emplace(zone, expiry);  // not looked at yet
    } else {
      kept_->forget_note(std::string(kExpiry) + zone);
    }
  }
  expiries_ = std::move(now);
}

}  // namespace holdfast::server
