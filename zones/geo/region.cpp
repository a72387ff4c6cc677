#include "zones/geo/region.h"

#include <algorithm>
#include <map>

namespace holdfast::zones {
namespace {

class Check {
 public:
  explicit Check(const std::vector<Region>& regions) : regions_(regions) {}

  std::vector<RegionProblem> all() {
    for (at_ = 0; at_ < regions_.size(); ++at_) {
      const Region& region = regions_[at_];
      if (at_ == kMaxRegions) {
        say("there are more than " + std::to_string(kMaxRegions) + " regions");
        break;
      }
      parent(region);
      for (const Country country : region.countries) {
        if (const std::string wrong = wrong_country(country.text()); !wrong.empty()) say(wrong);
        claim(countries_, country, "the country " + country.text());
      }
      for (const Continent continent : region.continents)
        claim(continents_, continent, "the continent " + std::string(text(continent)));
      for (const Prefix& network : region.networks)
        claim(networks_, network, "the network " + network.text());
      if (region.coordinates && !is_on_earth(*region.coordinates))
        say("its coordinates are not within -90 .. 90 and -180 .. 180");
    }
    return problems_;
  }

 private:
  void say(const std::string& what) { problems_.push_back({at_, what}); }

  void parent(const Region& region) {
    if (region.parent == -1) return;
    if (region.parent < 0 || static_cast<std::size_t>(region.parent) >= regions_.size())
      return say("it is in a region that there is not");
    std::size_t above = at_;
    for (std::size_t steps = 1; steps <= kMaxRegionDepth; ++steps) {
      const int next = regions_[above].parent;
      if (next < 0 || static_cast<std::size_t>(next) >= regions_.size()) return;
      above = static_cast<std::size_t>(next);
      if (above == at_) return say("it is in itself");
    }
    say("it is more than " + std::to_string(kMaxRegionDepth) + " regions deep");
  }

  template <class Claim>
  void claim(std::map<Claim, std::size_t>& claims, const Claim& claimed, const std::string& what) {
    const auto [known, is_new] = claims.try_emplace(claimed, at_);
    if (is_new) return;
    say(known->second == at_ ? "it has " + what + " twice"
                             : "\"" + regions_[known->second].name + "\" has " + what + " already");
  }

  const std::vector<Region>& regions_;
  std::size_t at_ = 0;
  std::map<Country, std::size_t> countries_;
  std::map<Continent, std::size_t> continents_;
  std::map<Prefix, std::size_t> networks_;
  std::vector<RegionProblem> problems_;
};

}  // namespace

std::vector<RegionProblem> check(const std::vector<Region>& regions) { return Check(regions).all(); }

std::vector<RegionIndex> outward(const std::vector<Region>& regions, std::size_t region) {
  std::vector<RegionIndex> way;
  while (region < std::min(regions.size(), kMaxRegions) && way.size() < kMaxRegionDepth) {
    way.push_back(static_cast<RegionIndex>(region));
    const int parent = regions[region].parent;
    if (parent < 0) break;
    region = static_cast<std::size_t>(parent);
  }
  return way;
}

}  // namespace holdfast::zones
