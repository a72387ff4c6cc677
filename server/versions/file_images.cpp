#include "server/versions/file_images.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <pthread.h>
#include <spdlog/spdlog.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "server/answer/prebuild.h"
#include "server/versions/file_or_image.h"
#include "server/versions/zone_image.h"

namespace holdfast::server {
namespace {

namespace fs = std::filesystem;
using zones::LoadedZone;
using zones::NameView;
using zones::Problem;
using zones::Zone;

constexpr int kNiceness = 19;  // who answers queries goes first (setpriority(2))

std::string time_of(const fs::path& file) {
  struct stat found {};
  if (::stat(file.c_str(), &found) == -1) return "before";
  return fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(found.st_mtim.tv_sec));
}

}  // namespace

FileImages::FileImages(const fs::path& state) : directory_(state / "cache") {
  ::mkdir(directory_.c_str(), 0700);  // else the first that is written fails, and says so
}

FileImages::~FileImages() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

LoadedZone FileImages::from_image(NameView apex, std::span<const zones::LiveName> live,
                                  const FileNote& note) {
  ZoneImage image = read_image(directory_, apex, live);
  if (image.zone == nullptr) {
    if (!image.problem.empty()) spdlog::warn("{}; its file is read instead", image.problem);
    return {};
  }
  ++used_;
  LoadedZone loaded{image.zone, note.warnings, note.includes, note.stamp};
  if (!image.problem.empty())
    loaded.problems.push_back({"zone " + apex.text(), 0, Problem::Severity::warning, image.problem});
  if (image.was_laid_out) {
    const std::lock_guard lock(mutex_);
    written_[image_path(directory_, apex).filename()] = {image.zone, note.octets()};
  } else {  // it is of another build, or has other live names
    write_later(loaded, live);
  }
  return loaded;
}

LoadedZone FileImages::load(NameView apex, const std::string& file, std::span<const zones::LiveName> live,
                            bool is_served, Time now) {
  FileNote note;
  if (!is_served) note = FileNote::read(read_note(directory_, apex)).value_or(FileNote());
  const Reading reading =
      choose(is_served, note.stamp, note.stamp == zones::kNoStamp ? note.stamp : note.stamp_now(file, now));
  if (reading == Reading::image) {
    LoadedZone loaded = from_image(apex, live, note);
    if (loaded.zone != nullptr) return loaded;
  }
  LoadedZone loaded = zones::load_zone(apex, file, {live.begin(), live.end()}, now);
  if (loaded.zone != nullptr) {
    prebuild(*loaded.zone);
    write_later(loaded, live);
  } else if (reading == Reading::file_or_image) {
    ZoneImage last = read_image(directory_, apex, live);
    std::string what = last.problem;
    if (last.zone != nullptr)
      what = fmt::format(
          "its file cannot be used: what is served is of {}, when it could be; mend the file, then: holdfast "
          "reload",
          time_of(image_path(directory_, apex)));
    loaded.zone = std::move(last.zone);
    if (!what.empty())
      loaded.problems.insert(loaded.problems.begin(),
                             {"zone " + apex.text(), 0, Problem::Severity::warning, std::move(what)});
  }
  return loaded;
}

void FileImages::write_later(const LoadedZone& loaded, std::span<const zones::LiveName> live) {
  Wanted wanted{.zone = loaded.zone, .live = {live.begin(), live.end()}, .note = {}};
  wanted.note = FileNote{loaded.stamp, loaded.includes, loaded.problems}.octets();
  if (wanted.note.size() > kMaxNote) wanted.note = FileNote().octets();  // it is never what a file is
  const std::lock_guard lock(mutex_);
  wanted_[image_path(directory_, loaded.zone->apex()).filename()] = std::move(wanted);
  wake();
}

void FileImages::wake() {
  more_.notify_one();
  if (thread_.joinable()) return;
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
  ::pthread_setname_np(thread_.native_handle(), "hf-images");
}

void FileImages::keep_only(std::span<const zones::ZoneSettings> zones) {
  std::set<std::string> names;
  for (const zones::ZoneSettings& zone : zones) {
    if (!zone.file.empty()) names.insert(image_path(directory_, zone.name).filename());
  }
  const std::lock_guard lock(mutex_);
  names_ = std::move(names);
  wake();
}

void FileImages::run(const std::stop_token& stop) {
  ::setpriority(PRIO_PROCESS, static_cast<id_t>(::gettid()), kNiceness);
  std::unique_lock lock(mutex_);
  while (more_.wait(lock, stop, [this] { return !wanted_.empty() || names_; }) && !stop.stop_requested()) {
    const auto names = std::exchange(names_, std::nullopt);
    const auto first = wanted_.empty() ? decltype(wanted_)::node_type() : wanted_.extract(wanted_.begin());
    lock.unlock();
    std::string problem;
    try {
      if (names) forget_others(*names);
      if (!first.empty()) write(first.key(), first.mapped());
    } catch (const std::exception& error) {
      problem = error.what();
    }
    lock.lock();
    if (problem != problem_ && !problem.empty())
      spdlog::warn("{}; the next start reads the zone's file, whatever that is then", problem);
    problem_ = std::move(problem);
  }
}

void FileImages::write(const std::string& name, const Wanted& wanted) {
  Written before;
  {
    const std::lock_guard lock(mutex_);
    const auto found = written_.find(name);
    if (found != written_.end()) before = std::exchange(found->second, {});
  }
  std::shared_ptr<const Zone> same = before.zone.lock();
  if (same != nullptr && *same != *wanted.zone) same = nullptr;
  if (same == nullptr) {
    write_image(directory_, *wanted.zone, wanted.live, wanted.note);
  } else if (before.note != wanted.note) {
    replace_note(directory_, wanted.zone->apex(), wanted.note);
  }
  const std::lock_guard lock(mutex_);
  written_[name] = {same != nullptr ? same : wanted.zone, wanted.note};
}

void FileImages::forget_others(const std::set<std::string>& names) {
  std::error_code none;
  std::vector<fs::path> others;
  for (const auto& file : fs::directory_iterator(directory_ / "zones", none)) {
    if (!names.contains(file.path().filename())) others.push_back(file.path());
  }
  for (const fs::path& file : others) fs::remove(file, none);
  const std::lock_guard lock(mutex_);
  std::erase_if(written_, [&](const auto& one) { return !names.contains(one.first); });
}

}  // namespace holdfast::server
