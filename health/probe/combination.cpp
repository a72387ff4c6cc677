#include "health/probe/combination.h"

#include <utility>
#include <vector>

#include "health/probe/combine.h"
#include "health/probe/detail.h"
#include "health/probe/phase_clock.h"

namespace holdfast::health {
namespace {

class Combination final : public Probe {
 public:
  Combination(Prober& prober, Target target, ProbeDone done)
      : target_(std::move(target)), done_(std::move(done)), found_(target_.monitor.parts.size()) {
    for (std::size_t i = 0; i < found_.size(); ++i) {
      const MonitorSettings& part = target_.monitor.parts[i];
      probes_.push_back(prober.start({{part.name, target_.id.address}, part},
                                     [this, i](ProbeResult result) { ended(i, std::move(result)); }));
    }
  }

 private:
  void ended(std::size_t part, ProbeResult result) {
    found_[part] = std::move(result);
    const auto decided = combine(target_.monitor, found_);
    if (!decided) return;
    probes_.clear();
    const auto done = std::move(done_);
    done(judge(*decided));  // may destroy this
  }

  ProbeResult judge(const std::variant<Finding, NotRun>& decided) const {
    if (const auto* not_run = std::get_if<NotRun>(&decided)) return *not_run;
    const auto& finding = std::get<Finding>(decided);
    Observation seen = clock_.observation(target_.id, {finding.outcome});
    seen.detail = shortened(finding.detail);
    return seen;
  }

  const Target target_;
  ProbeDone done_;
  const PhaseClock clock_{target_.monitor};
  std::vector<std::optional<ProbeResult>> found_;  // beside the parts
  std::vector<std::unique_ptr<Probe>> probes_;
};

}  // namespace

std::unique_ptr<Probe> start_combination(Prober& prober, const Target& target, ProbeDone done) {
  return std::make_unique<Combination>(prober, target, std::move(done));
}

}  // namespace holdfast::health
