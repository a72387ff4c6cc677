#include "zones/geo/coordinates.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace holdfast::zones {
namespace {

constexpr double kRadius = 6371;  // of Earth in km, the mean one

double radians(double degrees) noexcept { return degrees * std::numbers::pi / 180; }

}  // namespace

bool is_on_earth(const Coordinates& point) noexcept {
  return std::abs(point.latitude) <= 90 && std::abs(point.longitude) <= 180;
}

double great_circle(const Coordinates& a, const Coordinates& b) noexcept {
  // The haversine formula, which keeps its precision for points that are near.
  const double north = std::sin(radians(b.latitude - a.latitude) / 2);
  const double east = std::sin(radians(b.longitude - a.longitude) / 2);
  const double h =
      north * north + std::cos(radians(a.latitude)) * std::cos(radians(b.latitude)) * east * east;
  return 2 * kRadius * std::asin(std::sqrt(std::clamp(h, 0.0, 1.0)));
}

}  // namespace holdfast::zones
