#include "server/control/json_reply.h"

#include <boost/json.hpp>

#include "server/control/json.h"

namespace holdfast::server {

Reply as_json(const boost::json::value& value, unsigned status) {
  return {status, boost::json::serialize(value) + "\n", "application/json"};
}

Reply error(unsigned status, std::string_view text) {
  return as_json(boost::json::value{{"error", utf8(text)}}, status);
}

}  // namespace holdfast::server
