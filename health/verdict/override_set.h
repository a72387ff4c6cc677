#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "health/verdict/location.h"
#include "health/verdict/override.h"

namespace holdfast::health {

inline constexpr std::size_t kMaxOverrides = 1000;  ///< in force at a time

/// Who somebody is that an override may be about.
struct Member {
  std::string pool;  ///< or the live name whose own records are the pool
  boost::asio::ip::address address;
  std::string location;  ///< empty: unknown
  std::string
      name{};  ///< of one that is no address but a name or a pool, or an address of that name; else empty
};

/// The overrides in force: for each subject one, the newest. A value.
///
/// When one ends is said by a wall clock, which all servers share, but measured by the steady one from the moment that it is
/// put here: a step of the wall clock ends none early.
class OverrideSet {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  using Wall = std::chrono::system_clock::time_point;

  enum class Put : std::uint8_t {
    done,
    older,  ///< than the one in force for that subject, or the very same
    over,   ///< its time is over
    full    ///< there are kMaxOverrides
  };
  /// @param replaced  then has the id of the one that was in force for the subject
  Put put(const Override& override_, Steady steady, Wall wall,
          std::optional<std::string>* replaced = nullptr);

  /// Takes out the one with this id, if it is in force.
  std::optional<Override> remove(std::string_view id);
  /// Takes out those whose time is over.
  std::vector<Override> take_expired(Steady now);
  /// When the next one is over; null: none ends by itself.
  std::optional<Steady> next_expiry() const;

  /// What decides about the member: of those about it the one with the most particular subject, see Subject::Kind; of
  /// locations the innermost. Null: nothing does. Time grows with the overrides of locations alone.
  const Override* find(const Member& member, const Locations& locations) const;
  /// The one in force for exactly this subject; null: none.
  const Override* find(const Subject& subject) const;
  /// When the one in force for exactly this subject is over; null: there is none, or it does not end by itself.
  std::optional<Steady> end(const Subject& subject) const;
  /// By subject.
  std::vector<Override> all() const;
  std::size_t size() const noexcept { return overrides_.size(); }

 private:
  struct Entry {
    Override override_;
    std::optional<Steady> ends;
  };
  std::map<Subject, Entry> overrides_;
};

/// Whether the subject has to do with the member.
bool is_about(const Subject& subject, const Member& member, const Locations& locations);

}  // namespace holdfast::health
