#include "health/agent/assignment.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <tuple>

namespace holdfast::health {
namespace {

/// The same on every machine and in every version: FNV-1a.
std::uint64_t hash(std::string_view agent, const TargetId& target) {
  std::uint64_t h = 0xcbf29ce484222325;
  for (const std::string& text : {std::string(agent), target.monitor, target.address.to_string()}) {
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    h = (h ^ 0xff) * 0x100000001b3;
  }
  return h;
}

struct Candidate {
  std::size_t rank;  // of the region preferred that it is in
  double distance;
  std::uint64_t order;
  std::size_t agent;
};

}  // namespace

std::vector<std::size_t> assigned(const Target& target, const std::vector<Colleague>& agents,
                                  const Locations& locations) {
  const AgentChoice& choice = target.monitor.agents;
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < agents.size(); ++i) {
    const auto region = std::find_if(choice.prefer.begin(), choice.prefer.end(), [&](const auto& one) {
      return locations.is_in(agents[i].location, one);
    });
    candidates.push_back({static_cast<std::size_t>(region - choice.prefer.begin()),
                          choice.nearest == 0 ? 0 : locations.distance(agents[i].location, target.location),
                          hash(agents[i].name, target.id), i});
  }
  std::sort(candidates.begin(), candidates.end(), [&](const Candidate& a, const Candidate& b) {
    return std::tie(a.rank, a.distance, a.order, agents[a.agent].name) <
           std::tie(b.rank, b.distance, b.order, agents[b.agent].name);
  });

  std::vector<std::size_t> chosen;
  std::set<std::string_view> places;
  const auto choose = [&](const Candidate& candidate) {
    chosen.push_back(candidate.agent);
    places.insert(agents[candidate.agent].location);
  };
  const std::size_t most = choice.nearest == 0 ? agents.size() : std::max(choice.nearest, choice.min);
  for (auto next = candidates.begin(); next != candidates.end() && chosen.size() < choice.min;) {
    for (const std::size_t region = next->rank; next != candidates.end() && next->rank == region; ++next) {
      if (chosen.size() < most) choose(*next);
    }
  }
  const auto elsewhere = std::find_if(candidates.begin(), candidates.end(), [&](const Candidate& candidate) {
    return !places.contains(agents[candidate.agent].location);
  });
  if (places.size() == 1 && elsewhere != candidates.end()) choose(*elsewhere);
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace holdfast::health
