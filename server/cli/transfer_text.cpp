#include "server/cli/transfer_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

#include "server/cli/table.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;

constexpr std::size_t kWidth = 100;  // characters
constexpr double kPatience = 60;     // seconds that a secondary may take before that is bad news

std::string text_of(const json::value& value) { return json::value_to<std::string>(value); }

std::string serial_text(const json::value& serial) {
  return serial.is_null() ? "?" : json::serialize(serial);
}

std::string state_of(const json::value& secondary) {
  const double lag = secondary.at("lag_seconds").to_number<double>();
  if (secondary.at("current").as_bool()) return fmt::format("current, after {:.1f} s", lag);
  return fmt::format("{}, for {:.0f} s", secondary.at("acknowledged").as_bool() ? "told" : "NOT TOLD", lag);
}

std::string secondaries_text(const json::array& secondaries) {
  using enum Table::Align;
  Table table({{"ZONE"}, {"SECONDARY"}, {"ADDRESS"}, {"SERIAL", right}, {"HOLDS", right}, {"STATE"}});
  for (const json::value& one : secondaries) {
    table.add({text_of(one.at("zone")), text_of(one.at("peer")), text_of(one.at("address")),
               serial_text(one.at("serial")), serial_text(one.at("held")), state_of(one)});
    if (!one.at("problem").is_null()) table.add({"  " + text_of(one.at("problem"))});
  }
  return table.text(kWidth);
}

std::string zones_in_text(const json::array& zones) {
  using enum Table::Align;
  std::vector<Table::Column> columns{{"ZONE"}, {"PRIMARY"}, {"SERIAL", right}, {"STATE"}, {"EXPIRES"}};
  const auto is_listed = [](const json::value& one) { return !one.at("catalog").is_null(); };
  const bool has_catalogs = std::any_of(zones.begin(), zones.end(), is_listed);
  if (has_catalogs) columns.insert(columns.begin() + 1, {"CATALOG"});
  Table table(std::move(columns));
  for (const json::value& one : zones) {
    const std::string state = one.at("expired").as_bool() ? "EXPIRED: SERVFAIL"
                              : one.at("old").as_bool()   ? "NO PRIMARY HEARD OF"
                                                          : text_of(one.at("state"));
    std::vector<std::string> row{
        text_of(one.at("zone")), one.at("primary").is_null() ? "-" : text_of(one.at("primary")),
        serial_text(one.at("serial")), state, one.at("expires").is_null() ? "-" : text_of(one.at("expires"))};
    if (has_catalogs) row.insert(row.begin() + 1, is_listed(one) ? text_of(one.at("catalog")) : "-");
    table.add(std::move(row));
    const bool has_failed = one.at("failures").to_number<unsigned>() != 0;
    if (has_failed && !one.at("failure").is_null())
      table.add({fmt::format("  failed {} times, last: {}", json::serialize(one.at("failures")),
                             text_of(one.at("failure")))});
    if (!one.at("warning").is_null()) table.add({"  " + text_of(one.at("warning"))});
  }
  return table.text(kWidth);
}

}  // namespace

std::string transfer_text(const json::value& report) {
  std::string text = secondaries_text(report.at("secondaries").as_array());
  if (text.empty()) text = "no secondaries are told of new versions\n";
  if (const std::string zones = zones_in_text(report.at("zones_in").as_array()); !zones.empty())
    text = zones + '\n' + text;
  const json::value& sent = report.at("sent");
  text += fmt::format("\nsent: {} whole zones, {} changes, {} octets; {} failed, {} refused\n",
                      json::serialize(sent.at("whole")), json::serialize(sent.at("changes")),
                      json::serialize(sent.at("octets")), json::serialize(sent.at("failed")),
                      json::serialize(sent.at("refused")));
  if (const json::value* const updates = report.as_object().if_contains("updates"))
    text += fmt::format(
        "updates: {} changed a zone, {} nothing; {} unmet, {} refused, {} failed; {} records beside files\n",
        json::serialize(updates->at("changed")), json::serialize(updates->at("unchanged")),
        json::serialize(updates->at("unmet")), json::serialize(updates->at("refused")),
        json::serialize(updates->at("failed")), json::serialize(updates->at("records")));
  if (!report.at("problem").is_null())
    text +=
        fmt::format("\nNEW VERSIONS CANNOT BE KEPT, so none are sent: {}\n", text_of(report.at("problem")));
  return text;
}

bool is_transfer_fine(const json::value& report) {
  const json::array& secondaries = report.at("secondaries").as_array();
  const json::array& zones = report.at("zones_in").as_array();
  return report.at("problem").is_null() &&
         std::none_of(zones.begin(), zones.end(),
                      [](const json::value& one) {
                        return one.at("expired").as_bool() || one.at("old").as_bool() ||
                               one.at("serial").is_null();
                      }) &&
         std::all_of(secondaries.begin(), secondaries.end(), [](const json::value& one) {
           return one.at("current").as_bool() || one.at("lag_seconds").to_number<double>() < kPatience;
         });
}

}  // namespace holdfast::server
