#include "server/cli/difference_text.h"

#include <boost/json.hpp>

#include "zones/text/data_text.h"
#include "zones/text/zone_file.h"

namespace holdfast::server {
namespace {

namespace json = boost::json;

json::object json_of(const zones::RecordView& record) {
  std::string data;
  zones::append_data(data, record.type, record.data);
  return {
      {"name", record.owner.text()}, {"ttl", record.ttl}, {"type", zones::text(record.type)}, {"data", data}};
}

}  // namespace

std::string to_text(const zones::Difference& difference) {
  std::string text;
  for (const auto& [is_added, record] : difference.rows())
    text += (is_added ? "+ " : "- ") + zones::record_text(record) + "\n";
  return text;
}

json::object to_json(const zones::Difference& difference, zones::Serial first, zones::Serial second) {
  json::array removed, added;
  for (const auto& [is_added, record] : difference.rows())
    (is_added ? added : removed).push_back(json_of(record));
  return {{"equal", difference.is_equal()},
          {"serials", {first.value(), second.value()}},
          {"removed", std::move(removed)},
          {"added", std::move(added)}};
}

}  // namespace holdfast::server
