#include "server/transfer/updates.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "server/answer/prebuild.h"
#include "zones/replicate/accept.h"
#include "zones/replicate/update_rights.h"

namespace holdfast::server {

using zones::LoadedZone;
using zones::Name;
using zones::NameView;
using zones::Overlay;
using zones::Rcode;
using zones::Zone;

namespace {

constexpr std::chrono::seconds kRound{
    1};  // after that others are let go before: reloads, and who waits for an answer
constexpr std::chrono::milliseconds kBetween{
    1};  // between rounds: a mutex is not fair to those who wait for it

UpdateResult refused(std::string why) { return {Rcode::refused, std::move(why)}; }

zones::Accepted accept_delta(std::shared_ptr<const zones::Delta> delta, const Zone& before,
                             Updates::LiveNames live) {
  return accept(zones::Changes{{std::move(delta)}},
                {.apex = before.apex(), .before = &before, .live = live, .may_shrink = true});
}

/// Whether a zone has what was added beside its file: not where the file alone is served, since both do not go together.
bool is_upon(const Zone& zone, const Overlay& overlay) {
  return std::all_of(overlay.added.begin(), overlay.added.end(), [&](const zones::RecordView& record) {
    const zones::Node node = zone.find(record.owner);
    const zones::RRset rrset = node ? zone.rrset(node, record.type) : zones::RRset{};
    return record.type == zones::RrType::SOA ||
           std::any_of(rrset.begin(), rrset.end(),
                       [&](zones::Rdata data) { return zones::compare_data(data, record.data) == 0; });
  });
}

}  // namespace

/// The updates of one zone that are done together.
struct Updates::Round {
  const Zone* zone = nullptr;  // as it is so far
  std::shared_ptr<Zone> made{};
  Overlay overlay{};
  std::vector<std::optional<zones::Updated>> changes{};  // of each update
};

Updates::Updates(Journal* journal, std::function<zones::Serial(const Zone& zone)> serial)
    : journal_(journal), serial_(std::move(serial)) {
  if (journal_ != nullptr) overlays_ = journal_->overlays_at_start();
}

void Updates::begin(Change change) {
  const std::lock_guard lock(mutex_);
  if (change_ || is_stopping_) return;
  change_ = std::move(change);
  thread_ = std::thread([this] { run(); });
}

void Updates::stop() {
  {
    const std::lock_guard lock(mutex_);
    is_stopping_ = true;
  }
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
  std::deque<UpdateJob> left;
  {
    const std::lock_guard lock(mutex_);
    left.swap(waiting_);
  }
  for (const UpdateJob& job : left) job.done({});
}

bool Updates::is_full() const {
  const std::lock_guard lock(mutex_);
  return waiting_.size() >= kMaxUpdatesWaiting;
}

void Updates::submit(UpdateJob job) {
  {
    const std::lock_guard lock(mutex_);
    const bool is_full = waiting_.size() >= kMaxUpdatesWaiting;
    if (!is_full && !is_stopping_ && change_) {
      waiting_.push_back(std::move(job));
      wake_.notify_one();
      return;
    }
    (is_full ? counters_.full : counters_.failed).fetch_add(1, std::memory_order_relaxed);
  }
  job.done({});
}

std::size_t Updates::records() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [zone, overlay] : overlays_) count += overlay.removed.size() + overlay.added.size();
  return count;
}

Overlay Updates::overlay_of(NameView zone) const {
  const std::lock_guard lock(mutex_);
  const auto found = overlays_.find(Name(zone));
  return found == overlays_.end() ? Overlay() : found->second;
}

void Updates::keep(const Name& zone, const Overlay& overlay) {
  journal_->keep(zone, overlay);
  const std::lock_guard lock(mutex_);
  if (overlay.empty()) {
    overlays_.erase(zone);
  } else {
    overlays_[zone] = overlay;
  }
}

LoadedZone Updates::upon(LoadedZone of_file, LiveNames live, bool is_served) {
  const Name apex(of_file.zone->apex());
  const Overlay before = overlay_of(apex);
  if (before.empty()) return of_file;
  const auto add = [&](zones::Problem::Severity severity, std::string what) {
    of_file.problems.push_back({"zone " + apex.text(), 0, severity, std::move(what)});
  };
  const Overlay overlay = fit(before, *of_file.zone);
  if (!overlay.empty()) {
    zones::Accepted accepted = accept_delta(delta_of(overlay, *of_file.zone), *of_file.zone, live);
    if (accepted.zone == nullptr) {
      // Without any other the file alone is better than nothing.
      add(is_served ? zones::Problem::Severity::error : zones::Problem::Severity::warning,
          fmt::format(
              "the file does not go with what updates changed: {}; {} is served, until one or the other "
              "is changed",
              accepted.problem, is_served ? "what was served before" : "the file alone"));
      if (is_served) {
        of_file.zone = nullptr;
        of_file.stamp = zones::kNoStamp;  // by then it may go, as it is
      }
      return of_file;
    }
    for (std::string& warning : accepted.warnings) add(zones::Problem::Severity::warning, std::move(warning));
    prebuild(*accepted.zone);
    of_file.zone = std::move(accepted.zone);
  }
  const bool is_of_before =
      std::any_of(of_file.problems.begin(), of_file.problems.end(),
                  [](const auto& one) { return one.severity == zones::Problem::Severity::error; });
  // What a zone of before has already is not for the journal to forget: the file may not have it.
  if (overlay == before || is_of_before) return of_file;
  try {
    keep(apex, overlay);
  } catch (const std::runtime_error& error) {  // the older one does as well, with this file
    add(zones::Problem::Severity::warning,
        fmt::format("what its updates changed cannot be kept as it is now: {}", error.what()));
  }
  return of_file;
}

void Updates::run() {
  const auto has_work = [this] { return is_stopping_ || !waiting_.empty(); };
  std::unique_lock lock(mutex_);
  while (!is_stopping_) {
    if (const auto due = log_.due()) {
      wake_.wait_until(lock, *due, has_work);
    } else {
      wake_.wait(lock, has_work);
    }
    if (is_stopping_) break;
    std::vector<UpdateJob> jobs = take_of_one_zone();
    lock.unlock();
    if (!jobs.empty()) {
      work(jobs);
      std::this_thread::sleep_for(kBetween);
    }
    say(std::chrono::steady_clock::now());
    lock.lock();
    waiting_.insert(waiting_.begin(), std::make_move_iterator(jobs.begin()),
                    std::make_move_iterator(jobs.end()));
  }
  lock.unlock();
  if (const auto due = log_.due()) say(*due);
}

std::vector<UpdateJob> Updates::take_of_one_zone() {
  std::vector<UpdateJob> jobs;
  if (waiting_.empty()) return jobs;
  const Name zone = waiting_.front().zone;
  const auto is_other = [&](const UpdateJob& job) { return job.zone != zone; };
  const auto others = std::stable_partition(waiting_.begin(), waiting_.end(), is_other);
  std::move(others, waiting_.end(), std::back_inserter(jobs));
  waiting_.erase(others, waiting_.end());
  return jobs;
}

UpdateResult Updates::apply(const UpdateJob& job, LiveNames live, Round& round) const {
  const auto read = zones::read_update(job.message);
  if (const Rcode* const rcode = std::get_if<Rcode>(&read))
    return {*rcode, *rcode == Rcode::refused
                        ? fmt::format("more than {} records in one update", zones::kMaxUpdateRows)
                        : ""};
  const auto& update = std::get<zones::Update>(read);
  const Zone& zone = *round.zone;
  if (!zone.rrset(zone.apex_node(), zones::RrType::RRSIG).empty())
    return refused("the zone is signed, and what an update adds would not be");
  // Before what it requires: who may not is to learn nothing by that.
  if (std::string why = zones::beyond(job.rights, update, zone); !why.empty()) return refused(std::move(why));
  const auto is_signature = [](const zones::UpdateRow& row) {
    return row.rr_class == zones::RrClass::IN && row.type == zones::RrType::RRSIG;
  };
  if (std::any_of(update.rows.begin(), update.rows.end(), is_signature))
    return refused("a zone that takes updates is not signed");
  if (std::string why = zones::on_live_name(live, update); !why.empty()) return refused(std::move(why));
  if (const Rcode rcode = check_prerequisites(update, zone); rcode != Rcode::noerror) return {rcode, ""};
  const zones::Serial of_zone(zone.serial()), served = serial_(zone);
  auto result = apply_update(update, zone, of_zone.is_after(served) ? of_zone : served);
  if (const Rcode* const rcode = std::get_if<Rcode>(&result)) return {*rcode, ""};
  auto& updated = std::get<zones::Updated>(result);
  if (updated.empty()) return {Rcode::noerror, ""};

  const zones::Serial serial = updated.soa ? zones::serial_of(updated.soa->data) : of_zone;
  zones::Accepted accepted = accept_delta(delta_of(updated, zone, serial), zone, live);
  if (accepted.zone == nullptr) return refused(std::move(accepted.problem));
  if (accepted.live.size() < live.size()) return refused(std::move(accepted.warnings.front()));
  Overlay overlay = compose(round.overlay, updated, zone);
  if (overlay.octets() > kMaxOverlay) {
    return refused(
        fmt::format("more than {} MiB beside the zone's file; its operator has to bring that up to date",
                    kMaxOverlay >> 20));
  }
  prebuild(*accepted.zone);  // before the next one, which may share its octets
  round.overlay = std::move(overlay);
  round.made = std::move(accepted.zone);
  round.zone = round.made.get();
  round.changes.back() = std::move(updated);
  return {Rcode::noerror, ""};
}

void Updates::work(std::vector<UpdateJob>& jobs) {
  const Name zone = jobs.front().zone;
  std::vector<UpdateResult> results(jobs.size());
  std::string problem;
  const Overlay before = overlay_of(zone);
  Round round{.overlay = before};
  bool is_kept = false;
  std::size_t done = jobs.size();  // of them in this round
  const auto receive = [&](const Zone& served, LiveNames live) {
    LoadedZone loaded;
    round.zone = &served;
    if (!is_upon(served, before)) {
      std::fill(results.begin(), results.end(),
                refused("earlier updates do not go with the zone's file; its operator "
                        "has to settle that first"));
      return loaded;
    }
    const auto began = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < jobs.size(); ++i) {
      if (i != 0 && std::chrono::steady_clock::now() > began + kRound) {
        done = i;
        break;
      }
      round.changes.emplace_back();
      results[i] = apply(jobs[i], live, round);
    }
    if (round.made == nullptr) return loaded;
    keep(zone, round.overlay);  // first to the disk: what is answered with NOERROR is there after a restart
    is_kept = true;
    loaded.zone = std::move(round.made);
    return loaded;
  };
  try {
    const auto guarded = [&](const Zone& served, LiveNames live) {
      try {
        return receive(served, live);
      } catch (const std::exception& error) {  // no room on the disk, most likely
        problem = error.what();
        return LoadedZone();
      }
    };
    if (!change_(zone, guarded) && problem.empty()) problem = "it cannot be put into service now";
    if (!problem.empty() && is_kept) keep(zone, before);
  } catch (const std::exception& error) {
    if (problem.empty()) problem = error.what();
  }
  round.changes.resize(jobs.size());
  if (!problem.empty()) {
    std::fill(results.begin(), results.end(), UpdateResult());
  }
  for (std::size_t i = 0; i < done; ++i) tell(jobs[i], results[i], round.changes[i], problem);
  jobs.erase(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(done));
}

void Updates::tell(const UpdateJob& job, const UpdateResult& result,
                   const std::optional<zones::Updated>& change, const std::string& problem) {
  const auto count = [](std::atomic<std::uint64_t>& counter) {
    counter.fetch_add(1, std::memory_order_relaxed);
  };
  switch (result.rcode) {
    case Rcode::noerror: count(change ? counters_.changed : counters_.unchanged); break;
    case Rcode::yxdomain:
    case Rcode::yxrrset:
    case Rcode::nxdomain:
    case Rcode::nxrrset: count(counters_.unmet); break;
    case Rcode::servfail: count(counters_.failed); break;
    default: count(counters_.refused);
  }
  job.done(result);
  try {
    if (!problem.empty()) {
      log_.failed(job.zone, job.sender, problem);
    } else if (!result.text.empty()) {
      log_.refused(job.zone, job.sender, std::string(text(result.rcode)) + ": " + result.text);
    } else if (result.rcode == Rcode::noerror && change) {
      log_.changed(job.zone, job.sender, *change);
    }
  } catch (const std::bad_alloc&) {
    // It was answered and counted; the log goes without it.
  }
}

void Updates::say(UpdateLog::Time now) {
  try {
    for (const UpdateLog::Line& line : log_.take(now)) spdlog::log(line.level, "{}", line.text);
  } catch (const std::bad_alloc&) {
    // Likewise.
  }
}

}  // namespace holdfast::server
