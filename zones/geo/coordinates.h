#pragma once

namespace holdfast::zones {

/// A point on Earth, in degrees: north and east are positive.
struct Coordinates {
  double latitude = 0;   ///< -90 to 90
  double longitude = 0;  ///< -180 to 180

  bool operator==(const Coordinates&) const = default;
};

/// Whether both are numbers in their ranges.
bool is_on_earth(const Coordinates& point) noexcept;

/// The length of the shortest way from one to the other along the surface, in kilometres; Earth is taken for a sphere,
/// which is wrong by less than 0.6 %.
double great_circle(const Coordinates& a, const Coordinates& b) noexcept;

}  // namespace holdfast::zones
