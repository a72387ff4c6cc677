#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::health {

/// What a template can name between `{{` and `}}`.
inline constexpr std::string_view kTemplateFields[] = {"id",   "kind",    "contact", "server",
                                                       "time", "subject", "text"};

/// What is wrong with a template.
struct TemplateFault {
  std::string_view field;  ///< one that there is not
  bool is_open = false;    ///< a `{{` without its `}}`
};
/// The first fault, or null. A `}}` without `{{` before it stands for itself.
std::optional<TemplateFault> template_fault(std::string_view text);

/// The template with each field's value in its place. What has a fault stands for itself.
std::string fill(std::string_view text, const std::function<std::string(std::string_view field)>& value);

/// Text as it stands between the quotes of a JSON string (RFC 8259 7). Takes any octets, gives UTF-8.
std::string json_escaped(std::string_view text);

}  // namespace holdfast::health
