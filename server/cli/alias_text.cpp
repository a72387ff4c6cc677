#include "server/cli/alias_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "server/cli/table.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;

constexpr std::size_t kWidth = 120;     // characters of a line
constexpr std::size_t kUsersShown = 3;  // of one target
constexpr std::size_t kAll = 64;        // addresses: there are no more (zones/alias/reply.h)

std::string text_of(const json::value& value) {
  return value.is_null() ? "" : json::value_to<std::string>(value);
}

std::string joined(const json::array& texts, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(texts.size(), most); ++i)
    text += (i == 0 ? "" : ", ") + text_of(texts[i]);
  return texts.size() <= most ? text : fmt::format("{} and {} more", text, texts.size() - most);
}

std::string seconds_text(const json::value& value) {
  return value.is_null() ? "-" : fmt::format("{:.1f} s", value.to_number<double>());
}

/// "fresh, 12.3 s left", "stale, ended 40.0 s ago: timeout"
std::string state_text(const json::value& target) {
  std::string text = text_of(target.at("state"));
  const json::value& left = target.at("left_seconds");
  if (!left.is_null()) {
    const double seconds = left.to_number<double>();
    text += seconds >= 0 ? fmt::format(", {:.1f} s left", seconds)
                         : fmt::format(", ended {:.1f} s ago", -seconds);
  }
  const std::string error = text_of(target.at("error"));
  return error.empty() ? text : text + ": " + error;
}

std::string targets_text(const json::array& targets) {
  using enum Table::Align;
  Table table({{"ANAME TARGET"}, {"TYPE"}, {"ASKED", right}, {"OF"}, {"STATE"}});
  for (const json::value& target : targets) {
    const json::value& asked = target.at("asked_seconds");
    const std::string upstream = text_of(target.at("upstream"));
    table.add({text_of(target.at("target")), text_of(target.at("type")),
               asked.is_null() ? "not yet" : seconds_text(asked) + " ago", upstream.empty() ? "-" : upstream,
               state_text(target)});
    const json::array& addresses = target.at("addresses").as_array();
    if (!addresses.empty()) table.add({"  " + joined(addresses, kAll)});
    for (const json::value& network : target.at("networks").as_array()) {
      table.add({fmt::format("  clients in {} ({:.1f} s left): {}", text_of(network.at("network")),
                             network.at("left_seconds").to_number<double>(),
                             joined(network.at("addresses").as_array(), kAll))});
    }
    if (target.at("type").as_string() == "AAAA")
      table.add({"  answers for " + joined(target.at("used_by").as_array(), kUsersShown)});
  }
  return table.text(kWidth);
}

std::string upstreams_text(const json::array& upstreams) {
  using enum Table::Align;
  Table table({{"UPSTREAM"},
               {"RTT", right},
               {"PACKETS", right},
               {"TIMEOUTS", right},
               {"REFUSALS", right},
               {"MISMATCHES", right},
               {"BUDGET", right},
               {"STATE"}});
  for (const json::value& upstream : upstreams) {
    const json::value& rtt = upstream.at("rtt_seconds");
    const double backed_off = upstream.at("backed_off_seconds").to_number<double>();
    table.add({text_of(upstream.at("upstream")),
               rtt.is_null() ? "-" : fmt::format("{:.1f} ms", rtt.to_number<double>() * 1000),
               json::serialize(upstream.at("packets")), json::serialize(upstream.at("timeouts")),
               json::serialize(upstream.at("refusals")), json::serialize(upstream.at("mismatches")),
               fmt::format("{:.0f} %", upstream.at("budget_used").to_number<double>() * 100),
               backed_off > 0  ? fmt::format("left alone for {:.0f} s", backed_off)
               : rtt.is_null() ? "no answer yet"
                               : "answers"});
  }
  return table.text(kWidth);
}

}  // namespace

std::string alias_text(const json::value& report) {
  const std::string targets = targets_text(report.at("targets").as_array());
  const std::string upstreams = upstreams_text(report.at("upstreams").as_array());
  if (targets.empty())
    return "no addresses of names are looked up\n" + (upstreams.empty() ? "" : "\n" + upstreams);
  return targets + (upstreams.empty() ? "" : "\n" + upstreams);
}

bool is_alias_fine(const json::value& report) {
  const json::array& targets = report.at("targets").as_array();
  return std::none_of(targets.begin(), targets.end(), [](const json::value& target) {
    const auto& state = target.at("state").as_string();
    return state == "stale" || state == "failed";
  });
}

}  // namespace holdfast::server
