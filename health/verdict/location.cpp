#include "health/verdict/location.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace holdfast::health {
namespace {

constexpr double kEarth = 6371;    // km, mean radius
constexpr double kFarthest = 1e9;  // more than all below
constexpr double kTreeStep = 1e5;  // more than any way on Earth

double radians(double degrees) { return degrees * std::numbers::pi / 180; }

/// The great circle, by the haversine formula.
double kilometres(const LocationSettings& a, const LocationSettings& b) {
  const double north = std::sin(radians(*b.latitude - *a.latitude) / 2);
  const double east = std::sin(radians(*b.longitude - *a.longitude) / 2);
  const double h =
      north * north + std::cos(radians(*a.latitude)) * std::cos(radians(*b.latitude)) * east * east;
  return 2 * kEarth * std::asin(std::sqrt(std::clamp(h, 0.0, 1.0)));
}

const LocationSettings* with_coordinates(const std::vector<const LocationSettings*>& places) {
  const auto found = std::find_if(places.begin(), places.end(),
                                  [](const auto* place) { return place->latitude && place->longitude; });
  return found == places.end() ? nullptr : *found;
}

}  // namespace

Locations::Locations(const std::vector<LocationSettings>& all) : all_(all) {
  for (std::size_t i = 0; i < all_.size(); ++i) places_.emplace(all_[i].name, i);
}

std::vector<const LocationSettings*> Locations::up(std::string_view place) const {
  std::vector<const LocationSettings*> places;
  for (auto at = places_.find(place); at != places_.end() && places.size() < kDepth;
       at = places_.find(places.back()->in)) {
    places.push_back(&all_[at->second]);
  }
  return places;
}

bool Locations::is_in(std::string_view place, std::string_view region) const {
  if (place == region) return true;
  const auto places = up(place);
  return std::any_of(places.begin(), places.end(), [&](const auto* one) { return one->name == region; });
}

double Locations::distance(std::string_view a, std::string_view b) const {
  if (a == b) return 0;
  const auto from = up(a);
  const auto to = up(b);
  const LocationSettings* here = with_coordinates(from);
  const LocationSettings* there = with_coordinates(to);
  if (here != nullptr && there != nullptr) return kilometres(*here, *there);
  for (std::size_t steps = 0; steps < from.size(); ++steps) {
    const auto met = std::find(to.begin(), to.end(), from[steps]);
    if (met != to.end())
      return kTreeStep * static_cast<double>(steps + 1 + static_cast<std::size_t>(met - to.begin()));
  }
  return kFarthest;
}

}  // namespace holdfast::health
