#include "health/pattern.h"

#include <re2/re2.h>

namespace holdfast::health {
namespace {

/// Octets that a compiled pattern and its automaton may take. RE2 refuses what does not fit, and where an automaton
/// outgrows it goes on more slowly, still in linear time.
constexpr std::int64_t kPatternMemory = 1 << 20;

}  // namespace

Pattern::Pattern(std::string text, Matching how) : text_(std::move(text)), how_(how) {
  if (how == Matching::text) return;
  re2::RE2::Options options(re2::RE2::Latin1);
  options.set_literal(how == Matching::any_case);
  options.set_case_sensitive(how != Matching::any_case);
  options.set_max_mem(kPatternMemory);
  options.set_log_errors(false);
  compiled_ = std::make_shared<const re2::RE2>(text_, options);
}

std::string Pattern::fault() const { return compiled_ && !compiled_->ok() ? compiled_->error() : ""; }

bool Pattern::is_in(std::string_view octets) const {
  if (!compiled_) return octets.find(text_) != std::string_view::npos;
  return compiled_->ok() &&
         re2::RE2::PartialMatch(re2::StringPiece(octets.data(), octets.size()), *compiled_);
}

}  // namespace holdfast::health
