#include "health/verdict/verdict.h"

namespace holdfast::health {

std::string_view text(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::unknown: return "unknown";
    case Verdict::up: return "up";
    case Verdict::down: return "down";
  }
  return "?";
}

}  // namespace holdfast::health
