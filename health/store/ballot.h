#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "health/observation.h"
#include "health/verdict/verdict.h"

namespace holdfast::health {

/// What the probe saw that decided an agent's verdict, for people elsewhere.
struct Evidence {
  Outcome outcome = Outcome::passed;
  std::string detail{};  ///< at most kMaxDetail octets
  std::chrono::system_clock::time_point time{};

  bool operator==(const Evidence&) const = default;
};

inline constexpr std::size_t kMaxDetail = 200;       ///< octets
inline constexpr std::size_t kMaxEvidence = 32;      ///< pieces in one ballot, those of the last transitions
inline constexpr std::size_t kMaxTargets = 100'000;  ///< of one list
inline constexpr std::size_t kMaxLists = 64;         ///< in one ballot

/// What an agent thinks of every target that it probes: published for all servers. A value.
struct Ballot {
  std::string agent;
  std::string incarnation;     ///< another one each time the agent starts
  std::uint64_t sequence = 0;  ///< rises with each ballot of an incarnation
  bool blind = false;          ///< its reference targets fail: it believes nothing of what it sees
  /// By the digest of the list: a verdict for each of its targets; unknown: no opinion.
  std::map<std::string, std::vector<Verdict>> votes{};
  struct Piece {
    std::string list;  ///< digest
    std::size_t target = 0;
    Evidence evidence{};
    bool operator==(const Piece&) const = default;
  };
  std::vector<Piece> evidence{};

  bool operator==(const Ballot&) const = default;
};

/// JSON; two bits for each verdict.
std::string write(const Ballot& ballot);
/// Null: no ballot, or one beyond the limits. From whoever can write into the store.
std::optional<Ballot> read_ballot(std::string_view text);

}  // namespace holdfast::health
