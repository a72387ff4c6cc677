#include "server/kept_aliases.h"

#include <spdlog/fmt/fmt.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <sstream>
#include <string>

namespace holdfast::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::system_clock;
using zones::AliasState;
using zones::Known;
using zones::Name;
using zones::RrType;

constexpr std::string_view kAddresses = "addresses ";
constexpr milliseconds kLastMoment{9'000'000'000'000};  // in 2255; system_clock ends in 2262
constexpr std::chrono::seconds kLeastLag{1};            // which is written: TTLs may be as short, or 0

/// "addresses cdn.example.net. A"
std::string subject_of(const Name& target, RrType type) {
  return fmt::format("{}{} {}", kAddresses, target.text(), zones::text(type));
}

/// "1790000000000 198.51.100.1 198.51.100.2": the end of the TTL, in milliseconds of the epoch, and the addresses
health::KeptNote note_of(const Known& known) {
  const auto ends = std::chrono::duration_cast<milliseconds>(known.ends.time_since_epoch());
  std::string text = std::to_string(ends.count());
  for (const auto& address : known.addresses) text += ' ' + address.to_string();
  return {subject_of(known.target, known.type), std::move(text)};
}

std::optional<Known> read(const health::KeptNote& note) {
  const std::string_view subject = std::string_view(note.subject).substr(kAddresses.size());
  const std::size_t space = subject.find(' ');
  const auto target = Name::parse(subject.substr(0, space));
  if (!target) return std::nullopt;
  Known known{.target = *target};
  known.type = subject.ends_with(" AAAA") ? RrType::AAAA : RrType::A;
  if (subject_of(known.target, known.type) != note.subject) return std::nullopt;

  std::istringstream words(note.text);
  std::string word;
  words >> word;
  milliseconds::rep ends = 0;
  const char* const last = word.data() + word.size();
  const auto [end, error] = std::from_chars(word.data(), last, ends);
  if (error != std::errc() || end != last || ends < 0 || ends > kLastMoment.count()) return std::nullopt;
  known.ends = system_clock::time_point(milliseconds(ends));
  while (words >> word) {
    boost::system::error_code no_address;
    known.addresses.push_back(boost::asio::ip::make_address(word, no_address));
    if (no_address) return std::nullopt;
  }
  return known;
}

}  // namespace

KeptAliases::KeptAliases(health::KeptState& state) : state_(state) {
  for (const health::KeptNote& note : state_.at_start().notes) {
    if (!note.subject.starts_with(kAddresses)) continue;
    if (auto known = read(note)) {
      const Key key{known->target, known->type};
      known_.insert_or_assign(key, *std::move(known));
    } else {
      state_.forget_note(note.subject);
    }
  }
}

std::vector<Known> KeptAliases::known() const {
  const std::lock_guard lock(mutex_);
  std::vector<Known> all;
  for (const auto& [key, known] : known_) all.push_back(known);
  return all;
}

void KeptAliases::learned(const Name& target, RrType type, const zones::Served& served, zones::AliasTime now,
                          system_clock::time_point wall_now) {
  if (served.state == AliasState::unknown) return;
  const std::lock_guard lock(mutex_);
  const auto before = known_.find({target, type});
  if (served.state == AliasState::failed) {
    if (before == known_.end()) return;
    known_.erase(before);
    return state_.forget_note(subject_of(target, type));
  }
  const auto left = std::chrono::duration_cast<system_clock::duration>(served.expires - now);
  Known known{target, type, served.addresses, wall_now + left};
  if (before != known_.end() && before->second.addresses == known.addresses) {
    const auto lag = std::chrono::abs(known.ends - before->second.ends);
    if (lag <= std::max<system_clock::duration>(left / 2, kLeastLag)) return;
  }
  state_.save(note_of(known));
  known_.insert_or_assign({target, type}, std::move(known));
}

void KeptAliases::follow(const std::vector<Name>& targets) {
  const std::set<Name> followed(targets.begin(), targets.end());
  const std::lock_guard lock(mutex_);
  std::erase_if(known_, [&](const auto& one) {
    const auto& [target, type] = one.first;
    if (followed.contains(target)) return false;
    state_.forget_note(subject_of(target, type));
    return true;
  });
}

}  // namespace holdfast::server
