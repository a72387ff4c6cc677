#include "server/control/override_metrics.h"

#include <iterator>

#include "server/control/family.h"

namespace holdfast::server {

std::vector<prometheus::MetricFamily> collect(const Overrides& overrides) {
  std::vector<prometheus::MetricFamily> families;
  std::size_t in_force[std::size(health::kDecisions)] = {};
  for (const health::Override& one : overrides.in_force()) ++in_force[static_cast<std::size_t>(one.decision)];
  Family by_decision = gauge("holdfast_overrides", "Overrides in force, by decision.");
  for (std::size_t i = 0; i < std::size(health::kDecisions); ++i)
    by_decision.add({{"decision", std::string(health::kDecisions[i])}}, static_cast<double>(in_force[i]));
  by_decision.move_to(families);

  const OverrideFigures figures = overrides.figures();
  counter("holdfast_overrides_total", "Overrides, by what became of them.")
      .add({{"result", "made"}}, static_cast<double>(figures.made))
      .add({{"result", "released"}}, static_cast<double>(figures.released))
      .add({{"result", "expired"}}, static_cast<double>(figures.expired))
      .add({{"result", "refused"}}, static_cast<double>(figures.refused))
      .move_to(families);
  counter("holdfast_overrides_malformed_total", "Values in the store that are no override, or one too many.")
      .add({}, static_cast<double>(overrides.malformed()))
      .move_to(families);
  return families;
}

}  // namespace holdfast::server
