#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "health/settings.h"

namespace holdfast::health {

/// The places where agents and members are: a forest, some of them with coordinates. Immutable.
class Locations {
 public:
  static constexpr std::size_t kDepth = 32;  ///< of the tree; what is above that is not looked at

  Locations() = default;
  /// Each `in` names another one of them, and none is in itself; what does not is taken to be in none.
  explicit Locations(const std::vector<LocationSettings>& all);

  /// Whether `place` is `region`, or in it. A place that is not known is only itself.
  bool is_in(std::string_view place, std::string_view region) const;

  /// How far apart, to compare with. In kilometres where both have coordinates, their own or those of what they are in;
  /// else by the tree: farther than any kilometres, and the farther the more steps lead from one to the other. Places
  /// that have nothing in common, or are not known, are farthest.
  double distance(std::string_view a, std::string_view b) const;

  const std::vector<LocationSettings>& all() const noexcept { return all_; }

 private:
  std::vector<const LocationSettings*> up(std::string_view place) const;  // it, and what it is in

  std::vector<LocationSettings> all_;
  std::map<std::string, std::size_t, std::less<>> places_;
};

}  // namespace holdfast::health
