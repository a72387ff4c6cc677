#pragma once

#include <boost/asio/ip/address.hpp>
#include <chrono>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "health/verdict/kept_state.h"

namespace holdfast::health {

/// What an operator wants of members, whatever probes see.
enum class Decision : std::uint8_t {
  drain,      ///< is not answered with, also when nobody else is up
  force_up,   ///< counts as up
  force_down  ///< counts as down
};
inline constexpr std::string_view kDecisions[] = {"drain", "force_up", "force_down"};  ///< by Decision
constexpr std::string_view text(Decision decision) { return kDecisions[static_cast<std::size_t>(decision)]; }

/// Which members an override is about.
struct Subject {
  /// The most particular first: where several are about one member, the first of these decides; of one pool its address
  /// before its name.
  enum class Kind : std::uint8_t { member_of_pool, member, pool, location };

  Kind kind = Kind::member;
  std::string name{};  ///< of the pool, or of a live name whose own records are the pool; of the location
  std::optional<boost::asio::ip::address> address{};  ///< of a member
  std::string member{};  ///< of a pool, without an address: a name or a pool in it

  bool operator==(const Subject&) const = default;
  std::strong_ordering operator<=>(const Subject&) const = default;
};

/// "shop/192.0.2.10", "member:shop/www.example.net.", "192.0.2.10", "pool:shop", "location:eu-cork".
std::string text(const Subject& subject);
/// What text() makes, and "shop" for "pool:shop". Null: it can be none of these; else it is one in form.
std::optional<Subject> read_subject(std::string_view text);

inline constexpr std::size_t kMaxOverrideId = 64;  ///< octets
inline constexpr std::size_t kMaxSubjectName =
    255;  ///< octets; a name in presentation format may have more, and cannot be said
inline constexpr std::size_t kMaxAuthor = 64;   ///< octets
inline constexpr std::size_t kMaxReason = 500;  ///< octets
/// The longest time that can be set; one that is to last longer ends when somebody says so.
inline constexpr std::chrono::hours kLongestOverride{24 * 366};

/// An operator's decision about members. A value.
struct Override {
  std::string id{};  ///< make_event_id()
  Subject subject{};
  Decision decision = Decision::drain;
  std::string author{};
  std::string reason{};
  std::chrono::system_clock::time_point created{};
  std::optional<std::chrono::system_clock::time_point> expires{};  ///< null: when somebody says so

  bool operator==(const Override&) const = default;
};

/// What is wrong with a text of a person: empty, too long, not UTF-8, or with control characters. Empty: nothing is.
std::string_view unfit(std::string_view text, std::size_t limit);

/// "drain of shop/192.0.2.10 by alice until 2026-03-01 12:00:00 UTC: kernel update"
std::string report(const Override& override_);

/// JSON. Times in milliseconds since the epoch.
std::string write(const Override& override_);
/// Null: no override, or one beyond the limits. From whoever can write into the store.
std::optional<Override> read_override(std::string_view text);

/// That an override has ended, for those who share it. A value.
struct OverrideEnd {
  std::string id{};   ///< of the override
  std::string why{};  ///< "released by bob"
  std::chrono::system_clock::time_point time{};

  bool operator==(const OverrideEnd&) const = default;
};
inline constexpr std::size_t kMaxEndReason = 200;  ///< octets

std::string write(const OverrideEnd& end);
std::optional<OverrideEnd> read_end(std::string_view text);

/// The same for what is kept over a restart.
KeptOverride to_kept(const Override& override_);
std::optional<Override> from_kept(const KeptOverride& kept);

}  // namespace holdfast::health
