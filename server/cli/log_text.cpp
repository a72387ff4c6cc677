#include "server/cli/log_text.h"

#include <fmt/format.h>

#include "server/cli/table.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;

constexpr std::size_t kKind = 13;    // characters: "configuration"
constexpr std::size_t kTarget = 24;  // "web 192.0.2.10" and most others
constexpr std::string_view kIndent = "    ";

/// Empty for null.
std::string text_of(const json::value& value) { return value.is_null() ? "" : printable(value.as_string()); }

std::string phases(const json::value& probe) {
  std::string text;
  for (const char* phase : {"connect", "tls", "header", "body", "total"}) {
    const double took = probe.at(std::string(phase) + "_seconds").to_number<double>();
    if (took > 0) text += fmt::format("{}{} {:.1f} ms", text.empty() ? "" : ", ", phase, took * 1000);
  }
  return text;
}

std::string outcome(const json::value& entry) {
  const std::string detail = text_of(entry.at("detail"));
  return text_of(entry.at("outcome")) + (detail.empty() ? "" : " (" + detail + ")");
}

/// "; seen by cork-1, eu"; nothing where it was this server itself.
std::string seen_by(const json::value& entry) {
  const std::string agent = text_of(entry.at("agent"));
  const std::string location = text_of(entry.at("location"));
  if (agent.empty() || agent == "local") return "";
  return "; seen by " + agent + (location.empty() ? "" : ", " + location);
}

std::string users(const json::value& entry) {
  std::string text;
  for (const json::value& user : entry.at("used_by").as_array())
    text += (text.empty() ? "" : ", ") + text_of(user);
  return text.empty() ? "" : "; used by " + text;
}

}  // namespace

std::string log_text(const json::value& entry) {
  const std::string kind = text_of(entry.at("kind"));
  const bool has_target = !entry.at("monitor").is_null();
  std::string line = fmt::format("{}  {:<{}}  ", text_of(entry.at("time")), kind, kKind);
  if (has_target) {
    line +=
        fmt::format("{:<{}}  ", text_of(entry.at("monitor")) + " " + text_of(entry.at("address")), kTarget);
  }
  if (kind == "probe") return line + outcome(entry) + "; " + phases(entry) + seen_by(entry) + "\n";
  if (kind != "transition") return line + text_of(entry.at("text")) + "\n";

  line += text_of(entry.at("before")) + " -> " + text_of(entry.at("after"));
  if (!entry.at("outcome").is_null()) line += "; " + outcome(entry);
  line += seen_by(entry) + users(entry) + "\n";
  const std::string command = text_of(entry.at("command"));
  return command.empty() ? line : line.append(kIndent).append("by hand: ").append(command).append("\n");
}

}  // namespace holdfast::server
