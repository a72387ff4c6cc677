#include "health/notify/template.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>

#include "health/notify/plain.h"

namespace holdfast::health {
namespace {

constexpr std::string_view kOpen = "{{", kClose = "}}";

struct Part {
  std::string_view before;  // a field, or the end
  std::optional<std::string_view> field;
  bool is_open = false;
};

/// Takes what comes next off the front of `left`.
Part next(std::string_view& left) {
  const std::size_t begin = left.find(kOpen);
  if (begin == left.npos) return {std::exchange(left, {}), std::nullopt};
  const std::size_t end = left.find(kClose, begin + kOpen.size());
  if (end == left.npos) return {std::exchange(left, {}), std::nullopt, true};
  std::string_view field = left.substr(begin + kOpen.size(), end - begin - kOpen.size());
  field.remove_prefix(std::min(field.find_first_not_of(' '), field.size()));
  field = field.substr(0, field.find_last_not_of(' ') + 1);
  const std::string_view before = left.substr(0, begin);
  left.remove_prefix(end + kClose.size());
  return {before, field};
}

bool is_known(std::string_view field) {
  return std::find(std::begin(kTemplateFields), std::end(kTemplateFields), field) !=
         std::end(kTemplateFields);
}

}  // namespace

std::optional<TemplateFault> template_fault(std::string_view text) {
  while (!text.empty()) {
    const Part part = next(text);
    if (part.is_open) return TemplateFault{.field = {}, .is_open = true};
    if (part.field && !is_known(*part.field)) return TemplateFault{*part.field};
  }
  return std::nullopt;
}

std::string fill(std::string_view text, const std::function<std::string(std::string_view field)>& value) {
  std::string filled;
  while (!text.empty()) {
    const std::string_view whole = text;
    const Part part = next(text);
    filled += part.before;
    if (!part.field) continue;
    if (is_known(*part.field)) {
      filled += value(*part.field);
    } else {
      const std::size_t before = part.before.size();
      filled += whole.substr(before, whole.size() - before - text.size());
    }
  }
  return filled;
}

std::string json_escaped(std::string_view text) {
  const std::string quoted = boost::json::serialize(boost::json::string(utf8(text)));
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace holdfast::health
