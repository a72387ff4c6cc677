#pragma once

#include <chrono>
#include <cstdint>
#include <span>
#include <string_view>

#include "health/settings.h"
#include "health/verdict/verdict.h"

namespace holdfast::health {

/// So long a verdict is held while only one of several locations says anything; then that one is believed.
inline constexpr std::chrono::minutes kAlone{5};

/// What one location says of a target: the majority of its agents that count. A tie says up.
struct LocationVote {
  unsigned up = 0;    ///< agents
  unsigned down = 0;  ///< agents

  Verdict verdict() const noexcept {
    if (up == 0 && down == 0) return Verdict::unknown;
    return down > up ? Verdict::down : Verdict::up;
  }
};

/// Why a verdict is what it is.
enum class Basis : std::uint8_t {
  nobody,  ///< no location says anything: the verdict is held, however old it is
  kept,    ///< the same, since the start: the verdict is that of before
  alone,   ///< one location of several: the verdict is held, for kAlone
  single,  ///< one location, which is believed
  quorum,  ///< two locations or more
};
inline constexpr std::string_view kBases[] = {"nobody", "kept", "alone", "single", "quorum"};  ///< by Basis
constexpr std::string_view text(Basis basis) { return kBases[static_cast<std::size_t>(basis)]; }
/// Nothing that is known now supports the verdict.
constexpr bool is_held(Basis basis) { return basis < Basis::single; }

struct Ruling {
  Verdict verdict = Verdict::unknown;
  Basis basis = Basis::nobody;

  bool operator==(const Ruling&) const = default;
};

/// Makes one verdict of what the locations say. Pure.
///
///   locations that say something   verdict
///   none                           as before
///   1, of several configured       as before; after kAlone what it says
///   1, the only one configured     what it says
///   2 or more                      down, when the quorum and at least two say so; else up
///
/// Where two or more say something, what was before does not count: servers that hear the same say the same.
///
/// @param locations  one for each location; those that say nothing do not count
/// @param configured  locations that have agents at all
/// @param alone_for  how long only one of them has said anything
Ruling decide(Verdict before, std::span<const LocationVote> locations, Quorum quorum, std::size_t configured,
              std::chrono::nanoseconds alone_for) noexcept;

/// Whether locations differ, and one that said the opposite would make it another verdict. Pure.
///
///   by majority         hangs on one
///   up up down          yes
///   up down down        yes
///   up up up up down    no: it takes two
///   up up; down down    no: in either all agree
bool hangs_on_one(std::span<const LocationVote> locations, Quorum quorum) noexcept;

}  // namespace holdfast::health
